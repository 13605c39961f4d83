package dev.eosin.recipe.evaluated;

import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.eval.asking.ToldFacts;
import dev.eosin.eval.vqa.VqaEvaluation;
import dev.eosin.eval.vqa.VqaScores;
import dev.eosin.group.Group;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.VqaEvaluationRecipe;
import dev.eosin.recipe.found.AnswersFrom;
import dev.eosin.recipe.found.OpenedEvaluation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Questions that are asked, then scored.
///
/// @param questions that are asked
/// @param training whose answers are counted
/// @param evaluation plans and scores
/// @param asked whoever answers
record AskedVqaEvaluation(
    Source questions, Optional<Source> training, VqaEvaluation evaluation, Asked asked)
    implements OpenedEvaluation {
  /// Whoever answers.
  interface Asked extends AutoCloseable {
    /// What it is, by name.
    SequencedMap<String, String> inputs();

    /// What a user should know of it, one line each.
    List<String> notes();

    /// Asks what is not answered yet.
    ///
    /// @return empty when it was asked to stop
    Optional<VqaScores> scores(VqaEvaluation evaluation, Watch watch) throws IOException;

    @Override
    void close();
  }

  /// What is wrong with the model is said before the pictures are read.
  ///
  /// @param group of ranks that share what is asked
  static AskedVqaEvaluation of(
      VqaEvaluationRecipe recipe, AnswersFrom.LanguageModel model, Group group) throws IOException {
    return of(recipe, AskedLanguageModel.open(recipe, model, group));
  }

  static AskedVqaEvaluation of(VqaEvaluationRecipe recipe, AnswersFrom.Service service)
      throws IOException {
    return of(recipe, AskedService.open(recipe, service));
  }

  private static AskedVqaEvaluation of(VqaEvaluationRecipe recipe, Asked asked) throws IOException {
    try {
      var decoder = new ImageDecoder();
      Source questions = Sources.open(recipe.questions().orElseThrow(), decoder);
      Optional<Source> training = Optional.empty();
      if (recipe.training().isPresent()) {
        training = Optional.of(Sources.open(recipe.training().get(), decoder));
      }
      VqaEvaluation evaluation =
          VqaEvaluation.of(
              recipe.settings(),
              questions,
              training,
              ToldFacts::said,
              new RandomKey(recipe.seed()));
      return new AskedVqaEvaluation(questions, training, evaluation, asked);
    } catch (IOException | RuntimeException | Error e) {
      asked.close();
      throw e;
    }
  }

  @Override
  public SequencedMap<String, String> inputs() {
    SequencedMap<String, String> inputs = new LinkedHashMap<>(asked.inputs());
    inputs.put("questions.fingerprint", questions.fingerprint());
    training.ifPresent(source -> inputs.put("training.fingerprint", source.fingerprint()));
    return inputs;
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>(asked.notes());
    notes.addAll(questions.notes());
    notes.addAll(evaluation.notes());
    notes.add(evaluation.summary());
    return notes;
  }

  @Override
  public List<Measure> evaluations() {
    return List.of(watch -> asked.scores(evaluation, watch).map(OpenedVqaEvaluation::measured));
  }

  @Override
  public void close() {
    asked.close();
  }
}
