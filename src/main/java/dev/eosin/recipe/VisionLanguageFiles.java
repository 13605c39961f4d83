package dev.eosin.recipe;

import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Adapters;
import dev.eosin.language.Decoder;
import dev.eosin.language.LanguageFolder;
import dev.eosin.language.LanguageNames;
import dev.eosin.language.MergedAdapters;
import dev.eosin.language.PeftFolder;
import dev.eosin.language.SpecialIds;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.tower.Vit;
import dev.eosin.vllm.ConversationRows;
import dev.eosin.vllm.ImageProcessing;
import dev.eosin.vllm.ProjectorFolder;
import dev.eosin.vllm.VisionConfig;
import dev.eosin.vllm.VisionLanguage;
import dev.eosin.vllm.VisionLanguageExport;
import dev.eosin.vllm.VisionLanguageFolder;
import dev.eosin.vllm.VisionLanguageText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What a training of a model of images and text leaves behind: a LLaVA folder that transformers
/// opens, adapters merged, or where it knows no such model the projector alone; and the adapters as
/// peft has them.
record VisionLanguageFiles(VisionLanguageRecipe recipe, VisionLanguageModels models) {
  /// Writes the model, and its adapters alone.
  ///
  /// @param parameters of the learner
  /// @return what a user should know, one line each
  List<String> write(Path folder, Path adapters, ParameterSet parameters) throws IOException {
    List<String> notes = new ArrayList<>();
    if (models.adapted().isPresent()) {
      writeAdapters(models.adapted().get(), adapters, parameters)
          .ifPresent(why -> notes.add("there is no adapter/ for peft: " + why));
    }
    Optional<String> refusal = VisionLanguageExport.refusal(models.model());
    if (refusal.isPresent()) {
      ProjectorFolder.write(
          folder, models.model().projector(), parameters, adapterFiles(parameters), beside());
      notes.add(
          "final/ holds the projector and the adapters, and says what they work beside; it is no LLaVA folder: "
              + refusal.get());
      return notes;
    }
    notes.addAll(writeWhole(folder, parameters));
    return notes;
  }

  private List<String> writeWhole(Path folder, ParameterSet parameters) throws IOException {
    VisionLanguage plain = models.model().with(plainDecoder());
    try (FrozenTower tower = models.tower().open();
        StoredTensors file =
            LanguageNames.of(plain.decoder())
                .read(models.folder().weights(), LanguageFolder.shapes(plain.decoder()));
        LanguageTokenizer tokenizer = models.tokenizer()) {
      Map<String, PendingTensor> weights = new LinkedHashMap<>();
      for (String name : tower.own().names()) {
        if (name.startsWith(VisionLanguage.IMAGE + ".")) {
          weights.put(name, PendingTensor.of(tower.own(), name, tower.own().header(name).type()));
        }
      }
      if (models.adapted().isPresent()) {
        weights.putAll(MergedAdapters.of(file, models.adapted().get(), parameters).pending());
      } else {
        for (String name : file.names()) {
          weights.put(name, PendingTensor.of(file, name, file.header(name).type()));
        }
      }
      for (Parameter parameter : parameters.saved()) {
        boolean merged = Adapters.isAdapter(parameter.name()) || isOfAdapted(parameter.name());
        if (!merged) {
          weights.put(parameter.name(), pending(parameter));
        }
      }
      var contents =
          new VisionLanguageExport.Contents(
              plain,
              new VisionConfig(
                  (Vit) tower.features().tower().spec(),
                  models.tower().activation(),
                  models.tower().embedSize()),
              models.folder().config(),
              tokenizer.id(ConversationRows.MARK).orElseThrow(),
              new ImageProcessing(
                  models.tower().side(), recipe.text().images(), models.tower().normalisation()),
              weights,
              dtype(file, plain.decoder()),
              textFiles(tokenizer));
      return VisionLanguageExport.write(folder, contents, OptionalLong.empty());
    }
  }

  /// What adapters' own merge has taken already.
  private boolean isOfAdapted(String name) {
    return models.adapted().map(adapted -> adapted.whole().contains(name)).orElse(false);
  }

  private Decoder plainDecoder() {
    return models.model().decoder().with(Adapters.NONE);
  }

  private static PendingTensor pending(Parameter parameter) {
    List<Long> shape = Arrays.stream(parameter.master().shape()).boxed().toList();
    return new PendingTensor(StoredType.F32, shape, () -> TensorData.of(parameter.master()));
  }

  private static String dtype(StoredTensors file, Decoder decoder) throws DataException {
    return switch (file.header(decoder.table()).type()) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default -> "float32";
    };
  }

  private Map<String, FileContent> textFiles(LanguageTokenizer tokenizer) throws IOException {
    SpecialIds ids = models.folder().config().ids();
    return VisionLanguageText.files(
        models.tokenizerPath(),
        recipe.template().words(tokenizer),
        false,
        models.model().decoder().spec().context(),
        ids.begin(),
        recipe.template().ends(tokenizer, ids));
  }

  private Map<String, FileContent> adapterFiles(ParameterSet parameters) {
    return models
        .adapted()
        .filter(adapted -> PeftFolder.refusal(adapted).isEmpty())
        .map(
            adapted ->
                PeftFolder.files(
                    recipe.lora().orElseThrow(),
                    adapted,
                    parameters,
                    Optional.of(models.folder().path().toString())))
        .orElse(Map.of());
  }

  private Map<String, String> beside() throws IOException {
    Map<String, String> beside = new LinkedHashMap<>();
    beside.put("tower", recipe.model().tower().from().toString());
    beside.put("tower.sha256", models.tower().digest());
    beside.put("decoder", models.folder().path().toString());
    beside.put("decoder.sha256", models.decoderDigest());
    beside.put("template", VisionLanguageModels.word(recipe.template()));
    models.adapted().ifPresent(adapted -> beside.put("adapter", adapted.describe()));
    return beside;
  }

  private Optional<String> writeAdapters(
      AdaptedDecoder adapted, Path folder, ParameterSet parameters) throws DataException {
    return PeftFolder.write(
        folder,
        recipe.lora().orElseThrow(),
        adapted,
        parameters,
        Optional.of(models.folder().path().toString()),
        Map.of());
  }

  /// What [#write] wrote, under Eosin's names.
  StoredTensors reopen(Path exported) throws IOException {
    if (VisionLanguageExport.refusal(models.model()).isPresent()) {
      return ProjectorFolder.open(exported, models.model().projector());
    }
    VisionLanguageFolder folder = VisionLanguageFolder.open(exported);
    VisionLanguage model = folder.model();
    StoredTensors file = folder.weights();
    try {
      return folder.layout(model, file).read(file, LanguageFolder.shapes(model.weights()));
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }
}
