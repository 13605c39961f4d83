package dev.eosin.recipe;

import dev.eosin.config.DataException;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.PeftFolder;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.vllm.ProjectorFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a training of a model of images and text leaves behind.
///
/// @param parameters of the learner
record VisionLanguageFiles(
    VisionLanguageRecipe recipe, VisionLanguageModels models, ParameterSet parameters) {
  /// Writes the model, and its adapters alone.
  ///
  /// @return what a user should know, one line each
  List<String> write(Path folder, Path adapters) throws IOException {
    List<String> notes = new ArrayList<>();
    if (models.adapted().isPresent()) {
      writeAdapters(models.adapted().get(), adapters)
          .ifPresent(why -> notes.add("there is no adapter/ for peft: " + why));
    }
    ProjectorFolder.write(folder, models.model().projector(), parameters, beside());
    notes.add(
        "final/ holds the projector; the image tower and the language model stay where they are");
    return notes;
  }

  private Map<String, String> beside() {
    Map<String, String> beside = new LinkedHashMap<>();
    beside.put("tower", recipe.model().tower().from().toString());
    beside.put("tower.sha256", models.tower().digest());
    beside.put("decoder", models.folder().path().toString());
    beside.put("template", VisionLanguageModels.word(recipe.template()));
    models.adapted().ifPresent(adapted -> beside.put("adapter", adapted.describe()));
    return beside;
  }

  private Optional<String> writeAdapters(AdaptedDecoder adapted, Path folder)
      throws DataException {
    return PeftFolder.write(
        folder,
        recipe.lora().orElseThrow(),
        adapted,
        parameters,
        Optional.of(models.folder().path().toString()),
        Map.of());
  }
}
