package dev.eosin.eval.tiles;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.eval.probes.FewShots;
import dev.eosin.eval.probes.Figures;
import dev.eosin.eval.probes.GradientProbe;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.LogisticRegression;
import dev.eosin.eval.probes.MeanFigures;
import dev.eosin.eval.probes.NearestNeighbours;
import dev.eosin.eval.probes.Prototypes;
import dev.eosin.eval.probes.RidgeRegression;
import dev.eosin.eval.probes.SharedScores;
import dev.eosin.eval.probes.Standardisation;
import dev.eosin.eval.probes.StochasticLogistic;
import dev.eosin.eval.probes.StoppedException;
import dev.eosin.eval.samples.Sample;
import dev.eosin.group.SharedUnits;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Probes of classes on features that are there. The validation tiles choose, the first of the
/// best; the test tiles judge and choose nothing.
final class ClassProbes {
  private static final double TOLERANCE = 1e-7;

  private final TileSides sides;
  private final float[][] vectors;
  private final RandomKey key;
  private final SharedUnits units;

  /// @param units by which ranks share settings, runs and draws
  ClassProbes(TileSides sides, float[][] vectors, RandomKey key, SharedUnits units) {
    this.sides = sides;
    this.vectors = vectors;
    this.key = key;
    this.units = units;
  }

  /// What a value was fitted to.
  ///
  /// @param said of the fit
  /// @param scores of tiles [n][classes]
  private record Fitted(double said, UnaryOperator<double[][]> scores) {
    Fitted(UnaryOperator<double[][]> scores) {
      this(Double.NaN, scores);
    }
  }

  /// @param scores of the tiles that judge [n][classes]
  /// @param validation NaN where nothing was chosen
  /// @param said of the fit of each value
  private record Chosen(double value, double[][] scores, double validation, List<Double> said) {}

  private double[][] of(int[] rows) {
    return TileSides.vectors(vectors, rows);
  }

  private LogisticRegression.Rows train(double[][] train, boolean balanced) {
    int[] truth = sides.truth(sides.split().train());
    return balanced
        ? LogisticRegression.Rows.balanced(train, truth, sides.classes())
        : LogisticRegression.Rows.equal(train, truth, sides.classes());
  }

  private static double[][] each(double[][] rows, Function<double[], double[]> of) {
    return Arrays.stream(rows).parallel().map(of).toArray(double[][]::new);
  }

  private ConfusionMatrix confusion(double[][] scores, int[] rows) {
    return new LabelScores(scores, sides.truth(rows)).confusion();
  }

  /// The first of the values whose fit is best on the validation tiles; a single one is taken.
  private Chosen chosen(
      List<Double> values, ToDoubleFunction<ConfusionMatrix> by, DoubleFunction<Fitted> fit)
      throws IOException {
    int[] rows = sides.split().validation();
    double[][] validation = values.size() == 1 ? new double[0][] : of(rows);
    Map<Integer, Fitted> own = new ConcurrentHashMap<>();
    List<double[]> all =
        units
            .all(
                values.size(),
                (number, stop) -> {
                  Fitted fitted = fit.apply(values.get(number));
                  own.put(number, fitted);
                  double reached =
                      values.size() == 1
                          ? Double.NaN
                          : by.applyAsDouble(confusion(fitted.scores().apply(validation), rows));
                  return Optional.of(new double[] {reached, fitted.said()});
                })
            .orElseThrow(StoppedException::new);
    int best = 0;
    for (int number = 1; number < all.size(); number++) {
      best = Double.compare(worth(all.get(number)), worth(all.get(best))) > 0 ? number : best;
    }
    int taken = best;
    double[][] test = of(sides.split().test());
    double[] scores =
        units.kept(
            taken,
            () -> SharedScores.flat(Objects.requireNonNull(own.get(taken)).scores().apply(test)));
    return new Chosen(
        values.get(best),
        SharedScores.rows(scores, test.length),
        all.get(best)[0],
        all.stream().map(each -> each[1]).toList());
  }

  /// What is not defined is worth less than anything that is.
  private static double worth(double[] reached) {
    return Double.isNaN(reached[0]) ? Double.NEGATIVE_INFINITY : reached[0];
  }

  private TaskResult result(TileTask task, Chosen chosen, String what, ChosenBy by) {
    ObjectNode details = details(task);
    details.put(what, chosen.value());
    if (!Double.isNaN(chosen.validation())) {
      details.putObject("chosen_by").put("validation_" + by.figure(), chosen.validation());
    }
    return judged(task, chosen.scores(), details, List.of());
  }

  private ObjectNode details(TileTask task) {
    ObjectNode details = ClassDetails.object().put("version", task.version());
    details
        .putObject("tiles")
        .put("train", sides.split().train().length)
        .put("validation", sides.split().validation().length)
        .put("test", sides.split().test().length);
    return details;
  }

  private TaskResult judged(
      TileTask task, double[][] scores, ObjectNode details, List<String> more) {
    var judged = new LabelScores(scores, sides.truth(sides.split().test()));
    ClassDetails.put(details, judged, sides.set().labels());
    List<String> notes = new ArrayList<>(more);
    notes.addAll(ClassDetails.notes(task.title(), judged, sides.set().labels()));
    return result(task.title(), judged, details, notes);
  }

  private TaskResult result(String title, Figures figures, ObjectNode details, List<String> notes) {
    List<Sample> samples = TileSides.samples(sides.set(), sides.split().test());
    return TaskResult.of(title, figures, samples, sides.set().labels(), key, details, notes);
  }

  TaskResult linear(TileTask.LinearProbe task) throws IOException {
    Standardisation scaling =
        task.standardise()
            ? Standardisation.of(vectors, sides.split().train())
            : Standardisation.none(vectors[0].length);
    double[][] train = scaling.applied(of(sides.split().train()));
    var solver = new LogisticRegression.Solver(train(train, task.balanced()));
    List<Double> strengths =
        task.adaptive() ? List.of(vectors[0].length * sides.classes() / 100.0) : task.strengths();
    Chosen chosen =
        chosen(
            strengths,
            task.chosenBy()::of,
            c -> {
              LogisticRegression fitted = solver.fit(c, TOLERANCE);
              return new Fitted(
                  fitted.converged() ? 1 : 0,
                  rows -> each(scaling.applied(rows), fitted::probabilities));
            });
    List<Double> open =
        IntStream.range(0, strengths.size())
            .filter(i -> chosen.said().get(i) == 0)
            .mapToObj(strengths::get)
            .toList();
    TaskResult result = result(task, chosen, "c", task.chosenBy());
    List<String> notes = new ArrayList<>(result.notes());
    if (!open.isEmpty()) {
      notes.add("%s: the fits with C %s did not converge".formatted(task.title(), open));
    }
    return new TaskResult(
        result.title(),
        result.figures(),
        result.resamples(),
        result.samples(),
        result.details(),
        notes);
  }

  TaskResult stochastic(TileTask.StochasticProbe task) throws IOException {
    // Classes are weighted by the probe itself, of each class against the rest.
    var rows = train(of(sides.split().train()), false);
    Chosen chosen =
        chosen(
            task.alphas(),
            task.chosenBy()::of,
            alpha -> {
              var settings =
                  new StochasticLogistic.Settings(
                      alpha, task.passes(), task.ends(), task.balanced());
              StochasticLogistic fitted = StochasticLogistic.fit(rows, settings, key);
              return new Fitted(fitted.passes(), asked -> each(asked, fitted::probabilities));
            });
    TaskResult result = result(task, chosen, "alpha", task.chosenBy());
    ObjectNode taken = result.details().putObject("passes");
    for (int i = 0; i < task.alphas().size(); i++) {
      taken.put(Double.toString(task.alphas().get(i)), chosen.said().get(i).intValue());
    }
    return result;
  }

  TaskResult neighbours(TileTask.Neighbours task) throws IOException {
    int[] known = sides.split().train();
    var neighbours = new NearestNeighbours(of(known), sides.truth(known), sides.classes());
    Chosen chosen =
        chosen(
            task.k().stream().map(Integer::doubleValue).toList(),
            task.chosenBy()::of,
            k ->
                new Fitted(
                    asked -> neighbours.shares(asked, new int[] {(int) k}, task.votes())[0]));
    TaskResult result = result(task, chosen, "k", task.chosenBy());
    result.details().put("votes", task.votes().name().toLowerCase(Locale.ROOT));
    return result;
  }

  TaskResult gradient(TileTask.Gradient task) throws IOException {
    var rows = train(of(sides.split().train()), false);
    int[] validating = sides.split().validation();
    var validation = new GradientProbe.Validation(of(validating), sides.truth(validating));
    long perEpoch = Math.ceilDiv(rows.classes().length, task.batch());
    long updates =
        task.updates().map(Integer::longValue).orElseGet(() -> perEpoch * task.epochs().get());
    var settings =
        new GradientProbe.Settings(
            task.lr(),
            task.weightDecay(),
            task.batch(),
            updates,
            task.patience(),
            task.slowEpochs());
    double[][] test = of(sides.split().test());
    int[] truth = sides.truth(sides.split().test());
    ObjectNode details = details(task).put("updates_at_most", updates);
    ArrayNode taken = details.putArray("updates");
    List<LabelScores> runs = new ArrayList<>();
    for (SharedScores run :
        SharedScores.all(
            units,
            task.runs(),
            test.length,
            number -> {
              GradientProbe fitted = GradientProbe.fit(rows, validation, settings, key, number);
              double[][] shares = each(test, row -> LabelScores.softmax(fitted.scores(row)));
              return new SharedScores(fitted.updates(), shares);
            })) {
      taken.add((long) run.said()[0]);
      runs.add(new LabelScores(run.scores(), truth));
    }
    var mean = new MeanFigures(List.copyOf(runs));
    ClassDetails.put(details, mean.spreads());
    ClassDetails.put(details.putObject("first_run"), runs.getFirst(), sides.set().labels());
    List<String> notes = ClassDetails.notes(task.title(), runs.getFirst(), sides.set().labels());
    return result(task.title(), mean, details, notes);
  }

  /// @param task of one number of shots
  TaskResult fewShot(TileTask.FewShot task) throws IOException {
    int shots = task.shots().getFirst();
    double[][] test = of(sides.split().test());
    int[] truth = sides.truth(sides.split().test());
    ObjectNode details = details(task).put("shots", shots).put("draws", task.draws());
    details.put("learner", task.learner().name().toLowerCase(Locale.ROOT));
    if (task.learner() == TileTask.FewShot.Learner.PROTOTYPE) {
      details.put("scale", Prototypes.SCALE);
    }
    ArrayNode drawn = details.putArray("drawn");
    List<LabelScores> runs = new ArrayList<>();
    List<SharedScores> all =
        SharedScores.all(
            units,
            task.draws(),
            test.length,
            draw -> new SharedScores(Double.NaN, shot(task, drawn(shots, draw), test)));
    for (int draw = 0; draw < task.draws(); draw++) {
      ArrayNode places = drawn.addArray();
      IntStream.of(drawn(shots, draw)).forEach(row -> places.add(sides.set().places()[row]));
      runs.add(new LabelScores(all.get(draw).scores(), truth));
    }
    var mean = new MeanFigures(List.copyOf(runs));
    ClassDetails.put(details, mean.spreads());
    List<String> notes = ClassDetails.notes(task.title(), runs.getFirst(), sides.set().labels());
    return result(task.title(), mean, details, notes);
  }

  private int[] drawn(int shots, int draw) {
    return FewShots.draw(key, sides.split().train(), sides.truth(), sides.classes(), shots, draw);
  }

  private double[][] shot(TileTask.FewShot task, int[] rows, double[][] test) {
    double[][] few = of(rows);
    int[] truth = sides.truth(rows);
    return switch (task.learner()) {
      case PROTOTYPE -> new Prototypes(few, truth, sides.classes()).shares(test);
      case REGRESSION -> {
        var known = LogisticRegression.Rows.equal(few, truth, sides.classes());
        yield each(test, LogisticRegression.fit(known, task.strength(), TOLERANCE)::probabilities);
      }
    };
  }

  TaskResult grades(TileTask.Grades task) throws IOException {
    double[][] train = of(sides.split().train());
    double[] grades = Arrays.stream(sides.truth(sides.split().train())).asDoubleStream().toArray();
    Chosen chosen =
        chosen(
            task.strengths(),
            ConfusionMatrix::gradeKappa,
            c -> {
              RidgeRegression fitted = RidgeRegression.fit(train, grades, c);
              return new Fitted(rows -> each(rows, row -> graded(fitted.predicted(row))));
            });
    ObjectNode details = details(task).put("c", chosen.value());
    if (task.chooses()) {
      ClassDetails.put(
          details.putObject("chosen_by"), "validation_kappa_quadratic", chosen.validation());
    }
    boolean blind = task.chooses() && Double.isNaN(chosen.validation());
    return judged(
        task,
        chosen.scores(),
        details,
        blind
            ? List.of(
                "%s: kappa is not defined on the validation tiles, so that the first C was taken"
                    .formatted(task.title()))
            : List.of());
  }

  /// The nearer a grade is, the larger its score; the nearest is predicted.
  private double[] graded(double predicted) {
    return IntStream.range(0, sides.classes()).mapToDouble(g -> -Math.abs(predicted - g)).toArray();
  }
}
