package dev.eosin.recipe.evaluated;

import dev.eosin.config.DataException;
import dev.eosin.eval.asking.Asking;
import dev.eosin.eval.vqa.VqaEvaluation;
import dev.eosin.eval.vqa.VqaScores;
import dev.eosin.group.Group;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.recipe.VqaEvaluationRecipe;
import dev.eosin.recipe.found.AnswersFrom;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;

/// A stored model that is asked.
///
/// @param generation up to the tokens that an answer may have
/// @param pins what its answers depend on
/// @param group of ranks that share what is asked
record AskedLanguageModel(
    VqaEvaluationRecipe recipe,
    AnswersFrom.LanguageModel settings,
    StoredAnswerer model,
    GenerationSettings generation,
    SortedMap<String, String> pins,
    Group group)
    implements AskedVqaEvaluation.Asked {
  /// The file of answers in the folder of the results.
  private static final String ANSWERS = "answers.jsonl";

  static AskedLanguageModel open(
      VqaEvaluationRecipe recipe, AnswersFrom.LanguageModel settings, Group group)
      throws IOException {
    StoredAnswerer model = StoredAnswerers.open(settings.wanted());
    try {
      int most = recipe.asking().mostTokens();
      GenerationSettings generation =
          settings.generation().orElseGet(() -> model.defaults().settings(most)).limited(most);
      return new AskedLanguageModel(
          recipe, settings, model, generation, model.pins(generation), group);
    } catch (DataException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  @Override
  public SequencedMap<String, String> inputs() {
    SequencedMap<String, String> inputs = new LinkedHashMap<>();
    pins.forEach(
        (name, value) -> {
          if (name.endsWith(".sha256")) {
            inputs.put(name, value);
          }
        });
    return inputs;
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>(model.notes());
    if (!model.seesImages()) {
      notes.add(
          "%s: sees no picture; its answers are the same whatever a question shows"
              .formatted(model.path()));
    }
    return notes;
  }

  /// Room is looked for before the weights are opened.
  @Override
  public Optional<VqaScores> scores(VqaEvaluation evaluation, OpenedEvaluation.Watch watch)
      throws IOException {
    evaluation.plan().requireRoom(model::requireRoom);
    Engine engine = recipe.compute().start(KernelListener.NONE, group);
    try (StoredAnswerer.Loaded loaded = model.load(engine, generation)) {
      return evaluation.scores(
          loaded.answerer(),
          recipe.folder().resolve(ANSWERS),
          pins,
          new Asking.Listener(
              watch.progress(), progress -> watch.progress().accept(progress.text())),
          watch.stop(),
          group);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
