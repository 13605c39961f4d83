package dev.eosin.recipe.trained;

import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Adapters;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.language.stored.PeftFolder;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.recipe.models.LlavaFolder;
import dev.eosin.recipe.models.VisionLanguageModels;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.vllm.ProjectorFolder;
import dev.eosin.vllm.VisionLanguage;
import dev.eosin.vllm.VisionLanguageFolder;
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
    var whole = new LlavaFolder(models);
    Optional<String> refusal = whole.refusal();
    if (refusal.isPresent()) {
      ProjectorFolder.write(
          folder, models.model().projector(), parameters, adapterFiles(parameters), beside());
      notes.add(
          "final/ holds the projector and the adapters, and says what they work beside; it is no LLaVA folder: "
              + refusal.get());
      return notes;
    }
    notes.addAll(whole.write(folder, OptionalLong.empty(), base -> weights(base, parameters)));
    return notes;
  }

  private Map<String, PendingTensor> weights(StoredTensors base, ParameterSet parameters)
      throws DataException {
    Map<String, PendingTensor> weights = new LinkedHashMap<>();
    if (models.adapted().isPresent()) {
      weights.putAll(MergedAdapters.of(base, models.adapted().get(), parameters).pending());
    } else {
      for (String name : base.names()) {
        weights.put(name, PendingTensor.of(base, name, base.header(name).type()));
      }
    }
    for (Parameter parameter : parameters.saved()) {
      boolean merged = Adapters.isAdapter(parameter.name()) || isOfAdapted(parameter.name());
      if (!merged) {
        weights.put(parameter.name(), pending(parameter));
      }
    }
    return weights;
  }

  /// What adapters' own merge has taken already.
  private boolean isOfAdapted(String name) {
    return models.adapted().map(adapted -> adapted.whole().contains(name)).orElse(false);
  }

  private static PendingTensor pending(Parameter parameter) {
    List<Long> shape = Arrays.stream(parameter.master().shape()).boxed().toList();
    return new PendingTensor(StoredType.F32, shape, () -> TensorData.of(parameter.master()));
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
    if (new LlavaFolder(models).refusal().isPresent()) {
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
