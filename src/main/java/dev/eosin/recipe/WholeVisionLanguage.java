package dev.eosin.recipe;

import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.file.FileContent;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Adapters;
import dev.eosin.language.Decoder;
import dev.eosin.language.LanguageFolder;
import dev.eosin.language.LanguageNames;
import dev.eosin.language.MergedAdapters;
import dev.eosin.language.SpecialIds;
import dev.eosin.nn.Weight;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.tower.Vit;
import dev.eosin.train.TrainingCheckpoint;
import dev.eosin.train.WeightsPart;
import dev.eosin.vllm.ConversationRows;
import dev.eosin.vllm.ImageProcessing;
import dev.eosin.vllm.VisionConfig;
import dev.eosin.vllm.VisionLanguage;
import dev.eosin.vllm.VisionLanguageExport;
import dev.eosin.vllm.VisionLanguageText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// A run of a model of images and text, written as one folder that transformers and vLLM open: with
/// the image tower and the language model that its recipe names, adapters merged.
public final class WholeVisionLanguage {
  private static final String TOWER = "tower.sha256";
  private static final String DECODER = "decoder.sha256";

  private final StoredRun run;
  private final VisionLanguageModels models;
  private final WeightsPart part;

  private WholeVisionLanguage(StoredRun run, VisionLanguageModels models, WeightsPart part) {
    this.run = run;
    this.models = models;
    this.part = part;
  }

  /// The run, or the checkpoint of one, at a path.
  ///
  /// @return empty where there is none of this kind
  /// @throws DataException when it has no sound checkpoint, or its recipe cannot be used any more
  public static Optional<WholeVisionLanguage> at(Path path, WeightsPart part) throws IOException {
    Optional<StoredRun> found = Files.isDirectory(path) ? StoredRun.find(path) : Optional.empty();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Path recipe = found.get().run().resolve(StoredRun.RECIPE);
    try {
      return Recipe.read(recipe, List.of()) instanceof VisionLanguageRecipe trained
          ? Optional.of(
              new WholeVisionLanguage(found.get(), VisionLanguageModels.of(trained), part))
          : Optional.empty();
    } catch (RecipeException e) {
      throw new DataException(
          "%s: the stored recipe cannot be used: %s"
              .formatted(recipe, e.problems().getFirst().message()),
          e);
    }
  }

  /// Writes it, whole or not at all.
  ///
  /// @param shardBytes most bytes of weights in a file, where they are divided
  /// @return what a user should know, one line each
  /// @throws DataException when transformers has no such model, or the tower or the language model
  ///   is not what the run was trained beside
  public List<String> write(Path out, OptionalLong shardBytes) throws IOException {
    Optional<String> refusal = VisionLanguageExport.refusal(plain());
    if (refusal.isPresent()) {
      throw new DataException(
          "%s: %s; final/ holds the projector and the adapters as xtuner has them"
              .formatted(run.run(), refusal.get()));
    }
    require("model.tower", TOWER, models.tower().digest());
    require("model.decoder", DECODER, models.decoderDigest());
    try (FrozenTower tower = models.tower().open();
        StoredTensors base = models.folder().weights();
        StoredTensors trained = trained();
        LanguageTokenizer tokenizer = models.tokenizer()) {
      Map<String, PendingTensor> weights = weights(tower, base, trained);
      StoredTower clip = tower.stored();
      var vision =
          new VisionConfig(
              (Vit) models.model().images().tower().spec(), clip.activation(), clip.embedSize());
      int side = models.tower().side();
      var processing =
          new ImageProcessing(
              side, models.recipe().text().images(), models.tower().normalisation());
      var contents =
          new VisionLanguageExport.Contents(
              plain(),
              vision,
              models.folder().config(),
              tokenizer.id(ConversationRows.MARK).orElseThrow(),
              processing,
              weights,
              dtype(weights),
              text(tokenizer));
      return VisionLanguageExport.write(out, contents, shardBytes);
    }
  }

  private VisionLanguage plain() {
    VisionLanguage model = models.model();
    return model.with(model.decoder().with(Adapters.NONE));
  }

  private void require(String key, String pin, String found) throws DataException {
    String expected = run.checkpoint().state().more().get(pin);
    if (expected != null && !expected.equals(found)) {
      throw new DataException(
          "%s: was trained beside other weights than %s of its recipe names now: their sha256 was %s and is %s; put the old ones back"
              .formatted(run.run(), key, expected, found));
    }
  }

  private StoredTensors trained() throws DataException {
    Path average = run.checkpoint().file(TrainingCheckpoint.AVERAGE);
    return switch (part) {
      case WEIGHTS -> run.checkpoint().model();
      case AVERAGE -> {
        if (!Files.exists(average)) {
          throw new DataException(run.run() + ": that run kept no average; take its weights");
        }
        yield SafetensorsFile.open(average);
      }
    };
  }

  /// Those of the files, with what was trained in their place.
  private Map<String, PendingTensor> weights(
      FrozenTower tower, StoredTensors base, StoredTensors trained) throws DataException {
    Map<String, PendingTensor> weights = new LinkedHashMap<>();
    for (String name : tower.own().names()) {
      if (name.startsWith(VisionLanguage.IMAGE + ".")) {
        weights.put(name, PendingTensor.of(tower.own(), name, tower.own().header(name).type()));
      }
    }
    Decoder decoder = plain().decoder();
    StoredTensors own = LanguageNames.of(decoder).read(base, LanguageFolder.shapes(decoder));
    Map<String, TensorData> beside = beside(trained);
    var merged = new MergedAdapters(own, models.model().decoder().adapters(), beside);
    weights.putAll(merged.pending());
    for (String name : trained.names()) {
      if (!beside.containsKey(name)) {
        weights.put(name, PendingTensor.of(trained, name, trained.header(name).type()));
      }
    }
    return weights;
  }

  /// Adapters, and what was trained whole beside them.
  private Map<String, TensorData> beside(StoredTensors trained) throws DataException {
    Map<String, TensorData> beside = new LinkedHashMap<>();
    for (Weight weight : models.adapted().map(AdaptedDecoder::trained).orElse(List.of())) {
      beside.put(weight.name(), trained.entry(weight.name()));
    }
    return beside;
  }

  private String dtype(Map<String, PendingTensor> weights) {
    String table = models.model().decoder().table();
    return switch (Objects.requireNonNull(weights.get(table)).type()) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default -> "float32";
    };
  }

  private Map<String, FileContent> text(LanguageTokenizer tokenizer) throws IOException {
    SpecialIds ids = models.folder().config().ids();
    return VisionLanguageText.files(
        models.tokenizerPath(),
        models.recipe().template().words(tokenizer),
        false,
        models.folder().config().spec().context(),
        ids.begin(),
        models.recipe().template().ends(tokenizer, ids));
  }
}
