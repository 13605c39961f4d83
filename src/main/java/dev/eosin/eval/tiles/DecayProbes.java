package dev.eosin.eval.tiles;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.DecaySearch;
import dev.eosin.eval.probes.Figures;
import dev.eosin.eval.probes.GradientProbe;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.LogisticRegression;
import dev.eosin.eval.probes.MeanFigures;
import dev.eosin.eval.probes.SharedScores;
import dev.eosin.group.SharedUnits;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// CLIP_benchmark's linear probe on features that are there.
///
/// @param units by which ranks share runs
record DecayProbes(TileSides sides, float[][] vectors, RandomKey key, SharedUnits units) {
  /// @throws DataException where no decay keeps the weights finite
  TaskResult run(DecayProbeTask task) throws IOException {
    int[] test = sides.split().test();
    double[][] asked = unit(test);
    ObjectNode details = ClassDetails.object().put("version", task.version());
    ArrayNode each = details.putArray("runs");
    List<Figures> runs = new ArrayList<>();
    for (SharedScores run :
        SharedScores.all(units, task.runs(), test.length, number -> run(task, number, asked))) {
      ObjectNode said = each.addObject().put("weight_decay", run.said()[0]);
      ClassDetails.put(said, "validation_accuracy", run.said()[1]);
      said.put("train", (int) run.said()[2]).put("validation", (int) run.said()[3]);
      runs.add(new LabelScores(run.scores(), sides.truth(test)));
    }
    details.put("test", test.length);
    var mean = new MeanFigures(runs);
    ClassDetails.put(details, mean.spreads());
    var first = (LabelScores) runs.getFirst();
    List<String> labels = sides.set().labels();
    ClassDetails.put(details.putObject("first_run"), first, labels);
    return TaskResult.of(
        task.title(),
        mean,
        TileSides.samples(sides.set(), test),
        labels,
        key,
        details,
        ClassDetails.notes(task.title(), first, labels));
  }

  private SharedScores run(DecayProbeTask task, int run, double[][] asked) throws DataException {
    int[] train = drawn(task, run);
    int[] validation = sides.split().validation();
    double[][] chooses = unit(validation);
    int[] truth = sides.truth(validation);
    LogisticRegression.Rows rows = rows(train);
    var search = new DecaySearch(decay -> accuracy(fit(task, rows, decay, run), chooses, truth));
    double decay = search.best();
    boolean all = task.shares().getFirst().value() >= 1;
    LogisticRegression.Rows last =
        all
            ? rows(IntStream.concat(IntStream.of(train), IntStream.of(validation)).toArray())
            : rows;
    GradientProbe fitted = fit(task, last, decay, run);
    requireFinite(task, fitted);
    return new SharedScores(
        new double[] {decay, search.reachedBy(decay), last.classes().length, validation.length},
        Arrays.stream(asked)
            .map(row -> LabelScores.softmax(fitted.scores(row)))
            .toArray(double[][]::new));
  }

  private int[] drawn(DecayProbeTask task, int run) {
    return ClassShares.drawn(
        sides,
        sides.split().train(),
        task.shares().getFirst(),
        label -> key.stream(Purpose.FEW_SHOTS, run, -1L - label));
  }

  private LogisticRegression.Rows rows(int[] tiles) {
    return LogisticRegression.Rows.equal(unit(tiles), sides.truth(tiles), sides.classes());
  }

  /// Vectors of length 1; nothing where one has no length.
  private double[][] unit(int[] tiles) {
    double[][] unit = TileSides.vectors(vectors, tiles);
    for (double[] vector : unit) {
      double length = Math.sqrt(Arrays.stream(vector).map(x -> x * x).sum());
      // torch's normalize divides by 1e-12 at least.
      double by = Math.max(length, 1e-12);
      Arrays.setAll(vector, i -> vector[i] / by);
    }
    return unit;
  }

  private GradientProbe fit(
      DecayProbeTask task, LogisticRegression.Rows rows, double decay, int run) {
    long updates = (long) Math.ceilDiv(rows.classes().length, task.batch()) * task.epochs();
    var settings =
        new GradientProbe.Settings(
            task.lr(), decay, task.batch(), updates, 1, 0, GradientProbe.Course.COSINE);
    var none = new GradientProbe.Validation(new double[0][], new int[0]);
    return GradientProbe.fit(rows, none, settings, key, run);
  }

  /// Large decays times large rates throw weights beyond all numbers: such a layer is right
  /// nowhere.
  private static double accuracy(GradientProbe fitted, double[][] rows, int[] truth) {
    if (!isFinite(fitted)) {
      return 0;
    }
    long right =
        IntStream.range(0, rows.length)
            .filter(row -> LabelScores.largest(fitted.scores(rows[row])) == truth[row])
            .count();
    return (double) right / rows.length;
  }

  private static boolean isFinite(GradientProbe fitted) {
    return Arrays.stream(fitted.weights()).allMatch(Double::isFinite);
  }

  private static void requireFinite(DecayProbeTask task, GradientProbe fitted)
      throws DataException {
    if (!isFinite(fitted)) {
      throw new DataException(
          "%s: the weights are not finite with a learning rate of %s; give a smaller lr"
              .formatted(task.title(), task.lr()));
    }
  }
}
