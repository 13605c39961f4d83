package dev.eosin.recipe.evaluated;

import dev.eosin.config.DataException;
import dev.eosin.eval.answers.AnswersFile;
import dev.eosin.eval.vqa.Scorers;
import dev.eosin.eval.vqa.VqaJson;
import dev.eosin.eval.vqa.VqaScores;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileDigest;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.VqaEvaluationRecipe;
import dev.eosin.recipe.found.Measured;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.train.EvaluationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A file of answers, read.
///
/// @param sha256 of the file
record OpenedVqaEvaluation(
    VqaEvaluationRecipe recipe, Path file, String sha256, AnswersFile answers)
    implements OpenedEvaluation {
  static OpenedVqaEvaluation ofFile(VqaEvaluationRecipe recipe, Path file) throws DataException {
    AnswersFile answers = AnswersFile.read(file);
    try {
      return new OpenedVqaEvaluation(recipe, file, FileDigest.of(file).sha256(), answers);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  @Override
  public SequencedMap<String, String> inputs() {
    SequencedMap<String, String> inputs = new LinkedHashMap<>();
    inputs.put("answers.sha256", sha256);
    return inputs;
  }

  @Override
  public List<String> notes() {
    return answers.notes();
  }

  @Override
  public List<Measure> evaluations() {
    return List.of(watch -> Optional.of(measured(scores())));
  }

  private VqaScores scores() throws DataException {
    return VqaScores.of(
        file.toString(),
        answers.rows(),
        new Scorers(recipe.labels()).named(recipe.scorers()),
        new RandomKey(recipe.seed()),
        recipe.bootstrap());
  }

  /// What is told and kept of scores.
  static Measured measured(VqaScores scores) {
    List<String> lines = new ArrayList<>(scores.table());
    lines.addAll(scores.notes());
    return new Measured(
        new EvaluationReport(0, VqaEvaluationRecipe.NAME, scores.metrics()),
        lines,
        List.of(),
        VqaJson.of(scores),
        scores.samples());
  }

  @Override
  public void close() {
    // Nothing is held open.
  }
}
