package dev.eosin.eval.tiles;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.MultiLabelRegression;
import dev.eosin.eval.probes.MultiLabelScores;
import dev.eosin.eval.probes.ProbeSplit;
import dev.eosin.eval.probes.SharedScores;
import dev.eosin.eval.probes.StoppedException;
import dev.eosin.eval.probes.ToldLabels;
import dev.eosin.group.SharedUnits;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// A probe of several labels on features that are there. The validation tiles choose, the first of
/// the best; the test tiles judge and choose nothing.
///
/// @param units by which ranks share strengths
record LabelsProbe(
    TileSet set, ProbeSplit split, float[][] vectors, RandomKey key, SharedUnits units) {
  private static final double TOLERANCE = 1e-7;

  /// @throws DataException when no label can be learnt and judged
  TaskResult run(SeveralLabelsTask task) throws IOException {
    ToldLabels told = told(task);
    double[][] train = TileSides.vectors(vectors, split.train());
    boolean[][] truth = told.truth(split.train());
    double[][] validation = TileSides.vectors(vectors, split.validation());
    boolean[][] chooses = told.truth(split.validation());
    Map<Integer, MultiLabelRegression> own = new ConcurrentHashMap<>();
    List<double[]> reached =
        units
            .all(
                task.strengths().size(),
                (number, _) -> {
                  double c = task.strengths().get(number);
                  var fitted = MultiLabelRegression.fit(train, truth, c, TOLERANCE);
                  own.put(number, fitted);
                  return Optional.of(
                      new double[] {
                        task.chooses()
                            ? meanArea(new MultiLabelScores(scores(fitted, validation), chooses))
                            : Double.NaN
                      });
                })
            .orElseThrow(StoppedException::new);
    double most = Double.NEGATIVE_INFINITY;
    int best = 0;
    for (int number = 0; number < reached.size(); number++) {
      if (reached.get(number)[0] > most) {
        most = reached.get(number)[0];
        best = number;
      }
    }
    int taken = best;
    double[][] test = TileSides.vectors(vectors, split.test());
    double[] scores =
        units.kept(
            taken, () -> SharedScores.flat(scores(Objects.requireNonNull(own.get(taken)), test)));
    var judged =
        new MultiLabelScores(SharedScores.rows(scores, test.length), told.truth(split.test()));
    ObjectNode details = details(task, told, judged).put("c", task.strengths().get(taken));
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
