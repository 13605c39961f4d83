package dev.eosin.recipe.evaluated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.eosin.config.DataException;
import dev.eosin.eval.revision.RevisionFile;
import dev.eosin.eval.revision.RevisionJson;
import dev.eosin.eval.revision.RevisionRow;
import dev.eosin.eval.revision.RevisionScores;
import dev.eosin.eval.revision.RevisionTable;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileDigest;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.ReviseEvaluationRecipe;
import dev.eosin.recipe.found.Measured;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.revise.RevisionEvaluation;
import dev.eosin.train.EvaluationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A file of revisions, read.
///
/// @param sha256 of the file
record OpenedRevisions(ReviseEvaluationRecipe recipe, String sha256, List<RevisionRow> rows)
    implements OpenedEvaluation {
  OpenedRevisions {
    rows = List.copyOf(rows);
  }

  static OpenedRevisions of(ReviseEvaluationRecipe recipe, Path file) throws DataException {
    List<RevisionRow> rows = RevisionFile.read(file);
    try {
      return new OpenedRevisions(recipe, FileDigest.of(file).sha256(), rows);
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
    return List.of();
  }

  @Override
  public List<Measure> evaluations() {
    return List.of(
        watch ->
            Optional.of(
                measured(
                    RevisionEvaluation.scores(
                        rows, new RandomKey(recipe.seed()), recipe.bootstrap()),
                    recipe.seed(),
                    recipe.bootstrap())));
  }

  /// What is told and kept of scores.
  static Measured measured(RevisionScores scores, long seed, int resamples) {
    Map<String, JsonNode> details = new LinkedHashMap<>(RevisionJson.of(scores));
    JsonNodeFactory json = JsonNodeFactory.instance;
    details.put("bootstrap", json.objectNode().put("resamples", resamples));
    details.put("seed", json.numberNode(seed));
    return new Measured(
        new EvaluationReport(0, ReviseEvaluationRecipe.NAME, scores.metrics()),
        RevisionTable.lines(scores),
        List.of(),
        details,
        scores.samples());
  }

  @Override
  public void close() {
    // Nothing is held open.
  }
}
