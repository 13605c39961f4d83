package dev.eosin.recipe.stored;

import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.nn.Weight;
import dev.eosin.recipe.Recipe;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.recipe.models.LlavaFolder;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.recipe.models.VisionLanguageModels;
import dev.eosin.train.TrainingCheckpoint;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  WholeVisionLanguage(StoredRun run, VisionLanguageModels models, WeightsPart part) {
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
    var folder = new LlavaFolder(models);
    Optional<String> refusal = folder.refusal();
    if (refusal.isPresent()) {
      throw new DataException(
          "%s: %s; final/ holds the projector and the adapters as xtuner has them"
              .formatted(run.run(), refusal.get()));
    }
    requireParts();
    try (StoredTensors trained = trained()) {
      return folder.write(out, shardBytes, base -> weights(base, trained));
    }
  }

  /// @throws DataException when the tower or the language model is not what the run was trained
  ///   beside
  void requireParts() throws IOException {
    require("model.tower", TOWER, models.tower().digest());
    require("model.decoder", DECODER, models.decoderDigest());
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

  private Map<String, PendingTensor> weights(StoredTensors base, StoredTensors trained)
      throws DataException {
    Map<String, TensorData> beside = beside(models, trained);
    var merged = new MergedAdapters(base, models.model().decoder().adapters(), beside);
    Map<String, PendingTensor> weights = new LinkedHashMap<>(merged.pending());
    for (String name : trained.names()) {
      if (!beside.containsKey(name)) {
        weights.put(name, PendingTensor.of(trained, name, trained.header(name).type()));
      }
    }
    return weights;
  }

  /// Adapters, and what was trained whole beside them.
  static Map<String, TensorData> beside(VisionLanguageModels models, StoredTensors trained)
      throws DataException {
    Map<String, TensorData> beside = new LinkedHashMap<>();
    for (Weight weight : models.adapted().map(AdaptedDecoder::trained).orElse(List.of())) {
      beside.put(weight.name(), trained.entry(weight.name()));
    }
    return beside;
  }
}
