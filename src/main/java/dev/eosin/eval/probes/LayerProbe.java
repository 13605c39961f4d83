package dev.eosin.eval.probes;

import dev.eosin.config.DataException;
import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.eval.activations.StoredActivations;
import dev.eosin.group.SharedUnits;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/// A linear probe on each layer's states: how well the layer tells the classes. What is chosen is
/// chosen on the validation rows, the first of equals; the test rows judge it and choose nothing.
public final class LayerProbe {
  private static final double TOLERANCE = 1e-7;

  private final StoredActivations states;
  private final ProbeSplit split;
  private final Settings settings;
  private final Resamples resamples;
  private final RandomKey key;

  /// How probes are made.
  ///
  /// @param learner what learns
  /// @param standardise whether each column is brought to mean 0 and deviation 1 of the rows that
  ///   are learnt from
  /// @param resamples for the intervals; 0 for none
  public record Settings(Learner learner, boolean standardise, int resamples) {}

  /// What learns from the rows.
  public sealed interface Learner {}

  /// Logistic regression, to its minimum.
  ///
  /// @param strengths C, of which one is chosen, rising
  public record Strengths(List<Double> strengths) implements Learner {
    public Strengths {
      strengths = List.copyOf(strengths);
    }
  }

  /// One linear layer by Adam on batches; the last weights count.
  ///
  /// @param lr learning rate
  public record Batches(double lr, int batch, int epochs) implements Learner {}

  /// Scores of the classes for a row.
  private interface Fitted extends Function<double[], double[]> {}

  /// @param c NaN where there is none
  /// @param validationAccuracy NaN where no rows choose
  private record Chosen(Fitted fitted, double c, double validationAccuracy, boolean converged) {}

  /// @param key draws the resamples, first weights and orders
  public LayerProbe(StoredActivations states, ProbeSplit split, Settings settings, RandomKey key) {
    this.states = states;
    this.split = split;
    this.settings = settings;
    this.key = key;
    this.resamples =
        new Resamples(
            key,
            Arrays.stream(split.test()).mapToObj(row -> states.rows().get(row).group()).toList());
  }

  /// Probes layers, which ranks share.
  ///
  /// @param progress told of each that this rank has probed
  /// @return what each of them tells, the same on every rank
  /// @throws StoppedException when it was asked to stop
  /// @throws DataException when states cannot be read
  public List<Probed> of(List<Integer> layers, SharedUnits units, IntConsumer progress)
      throws IOException {
    List<SharedScores> all =
        SharedScores.all(
            units,
            layers.size(),
            split.test().length,
            number -> {
              SharedScores fitted = fitted(layers.get(number));
              progress.accept(layers.get(number));
              return fitted;
            });
    return IntStream.range(0, layers.size())
        .mapToObj(i -> new Probed(layers.get(i), all.get(i)))
        .toList();
  }

  /// What a probe came to.
  ///
  /// @param fitted of the test rows; it says C, the accuracy on validation, and whether it
  ///   converged
  public record Probed(int layer, SharedScores fitted) {}

  private SharedScores fitted(int layer) throws DataException {
    float[][] all = states.states(layer);
    Standardisation scaling =
        settings.standardise()
            ? Standardisation.of(all, split.train())
            : Standardisation.none(all[0].length);
    double[][] validation = scaling.scaled(all, split.validation());
    double[][] test = scaling.scaled(all, split.test());
    int count = split.labels().size();
    var rows =
        LogisticRegression.Rows.equal(
            scaling.scaled(all, split.train()), classes(split.train()), count);
    Chosen chosen =
        switch (settings.learner()) {
          case Strengths(List<Double> strengths) -> regression(rows, validation, strengths);
          case Batches batches -> batches(rows, validation, batches);
        };
    double[][] scores = Arrays.stream(test).map(chosen.fitted()).toArray(double[][]::new);
    return new SharedScores(
        new double[] {chosen.c(), chosen.validationAccuracy(), chosen.converged() ? 1 : 0}, scores);
  }

  private double accuracy(Fitted fitted, double[][] validation) {
    if (validation.length == 0) {
      return Double.NaN;
    }
    int[] predicted =
        Arrays.stream(validation).map(fitted).mapToInt(LabelScores::largest).toArray();
    return ConfusionMatrix.of(classes(split.validation()), predicted, split.labels().size()).top1();
  }

  private Chosen regression(
      LogisticRegression.Rows rows, double[][] validation, List<Double> strengths) {
    Optional<Chosen> best = Optional.empty();
    var solver = new LogisticRegression.Solver(rows);
    for (double c : strengths) {
      LogisticRegression fitted = solver.fit(c, TOLERANCE);
      double accuracy = accuracy(fitted::probabilities, validation);
      if (best.isEmpty() || accuracy > best.get().validationAccuracy()) {
        best = Optional.of(new Chosen(fitted::probabilities, c, accuracy, fitted.converged()));
      }
    }
    return best.orElseThrow();
  }

  private Chosen batches(LogisticRegression.Rows rows, double[][] validation, Batches batches) {
    long perEpoch = Math.ceilDiv(rows.classes().length, batches.batch());
    var steps =
        new GradientProbe.Settings(
            batches.lr(), 0, batches.batch(), perEpoch * batches.epochs(), 1, 0);
    var choosing = new GradientProbe.Validation(validation, classes(split.validation()));
    GradientProbe fitted = GradientProbe.fit(rows, choosing, steps, key, 0);
    Fitted shares = row -> LabelScores.softmax(fitted.scores(row));
    return new Chosen(shares, Double.NaN, accuracy(shares, validation), true);
  }

  private int[] classes(int[] rows) {
    return Arrays.stream(rows).map(row -> split.classes()[row]).toArray();
  }

  /// With intervals over resamples.
  public LayerScore score(Probed probed) {
    var judged = new LabelScores(probed.fitted().scores(), classes(split.test()));
    Map<String, OptionalDouble> areas = new LinkedHashMap<>();
    List<OptionalDouble> ofLabels = judged.area().areas();
    for (int label = 0; label < ofLabels.size(); label++) {
      areas.put(split.labels().get(label), ofLabels.get(label));
    }
    double[] said = probed.fitted().said();
    return new LayerScore(
        probed.layer(),
        said[0],
        said[1],
        said[2] == 1,
        judged.measured(resamples, settings.resamples()),
        areas,
        judged);
  }
}
