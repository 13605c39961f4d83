package dev.eosin.eval.tiles;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.MultiLabelRegression;
import dev.eosin.eval.probes.MultiLabelScores;
import dev.eosin.eval.probes.ProbeSplit;
import dev.eosin.eval.probes.ToldLabels;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A probe of several labels on features that are there. The validation tiles choose, the first of
/// the best; the test tiles judge and choose nothing.
record LabelsProbe(TileSet set, ProbeSplit split, float[][] vectors, RandomKey key) {
  private static final double TOLERANCE = 1e-7;

  /// @throws DataException when no label can be learnt and judged
  TaskResult run(SeveralLabelsTask task) throws DataException {
    ToldLabels told = told(task);
    double[][] train = TileSides.vectors(vectors, split.train());
    boolean[][] truth = told.truth(split.train());
    double[][] validation = TileSides.vectors(vectors, split.validation());
    boolean[][] chooses = told.truth(split.validation());
    double most = Double.NEGATIVE_INFINITY;
    double taken = task.strengths().getFirst();
    MultiLabelRegression best = MultiLabelRegression.fit(train, truth, taken, TOLERANCE);
    for (double c : task.chooses() ? task.strengths() : List.<Double>of()) {
      MultiLabelRegression fitted = MultiLabelRegression.fit(train, truth, c, TOLERANCE);
      double reached = meanArea(new MultiLabelScores(scores(fitted, validation), chooses));
      if (reached > most) {
        most = reached;
        taken = c;
        best = fitted;
      }
    }
    double[][] test = TileSides.vectors(vectors, split.test());
    var judged = new MultiLabelScores(scores(best, test), told.truth(split.test()));
    ObjectNode details = details(task, told, judged).put("c", taken);
    if (task.chooses()) {
      ClassDetails.put(details.putObject("chosen_by"), "validation_auc_mean", most);
    }
    return TaskResult.of(
        task.title(),
        judged,
        TileSides.samples(set, split.test()),
        List.of(),
        key,
        details,
        notes(task, told, most));
  }

  private ToldLabels told(SeveralLabelsTask task) throws DataException {
    List<List<String>> said =
        set.tiles().stream().map(tile -> task.labels(tile.label().orElse(""))).toList();
    ToldLabels told = ToldLabels.of(said, split.train(), split.test(), task.fewest());
    if (told.kept().isEmpty()) {
      throw new DataException(
          "%s: %s: no label is left of %s: each needs tiles with and without it on both sides, and %d for testing"
              .formatted(set.name(), task.title(), told.out(), task.fewest()));
    }
    return told;
  }

  private static double[][] scores(MultiLabelRegression fitted, double[][] rows) {
    return Arrays.stream(rows).map(fitted::scores).toArray(double[][]::new);
  }

  private static double meanArea(MultiLabelScores scores) {
    return scores.areas().stream()
        .flatMapToDouble(area -> area.stream())
        .average()
        .orElse(Double.NaN);
  }

  private List<String> notes(SeveralLabelsTask task, ToldLabels told, double most) {
    List<String> notes = new ArrayList<>();
    if (!told.out().isEmpty()) {
      notes.add("%s: left out, too few tiles: %s".formatted(task.title(), told.out()));
    }
    if (task.chooses() && Double.isInfinite(most)) {
      notes.add(
          "%s: the validation tiles tell no label apart, so that the smallest C was taken"
              .formatted(task.title()));
    }
    return notes;
  }

  private ObjectNode details(SeveralLabelsTask task, ToldLabels told, MultiLabelScores judged) {
    ObjectNode details = ClassDetails.object().put("version", task.version());
    details
        .putObject("tiles")
        .put("train", split.train().length)
        .put("validation", split.validation().length)
        .put("test", split.test().length);
    details.put("figures", MultiLabelScores.VERSION);
    var labels = details.putArray("labels");
    for (int i = 0; i < told.kept().size(); i++) {
      String label = told.kept().get(i);
      ObjectNode of = labels.addObject().put("label", label);
      of.put(
          "test",
          Arrays.stream(split.test()).filter(r -> told.said().get(r).contains(label)).count());
      ClassDetails.put(of, "auc", judged.areas().get(i).orElse(Double.NaN));
      ClassDetails.put(of, "average_precision", judged.precisions().get(i).orElse(Double.NaN));
    }
    return details;
  }
}
