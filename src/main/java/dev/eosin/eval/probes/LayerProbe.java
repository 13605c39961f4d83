package dev.eosin.eval.probes;

import dev.eosin.config.DataException;
import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.eval.Interval;
import dev.eosin.eval.activations.StoredActivations;
import dev.eosin.random.RandomKey;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// A logistic regression on each layer's states: how well the layer tells the classes. Its strength
/// is chosen on the validation rows, the first of equals; the test rows judge it and choose
/// nothing.
public final class LayerProbe {
  private static final double TOLERANCE = 1e-7;

  private final StoredActivations states;
  private final ProbeSplit split;
  private final Settings settings;
  private final Resamples resamples;

  /// How probes are made.
  ///
  /// @param strengths C, of which one is chosen, rising
  /// @param standardise whether each column is brought to mean 0 and deviation 1 of the rows that
  ///   are learnt from
  /// @param resamples for the intervals; 0 for none
  public record Settings(List<Double> strengths, boolean standardise, int resamples) {
    public Settings {
      strengths = List.copyOf(strengths);
    }
  }

  private record Chosen(LogisticRegression fitted, double c, double validationAccuracy) {}

  /// @param key draws the resamples
  public LayerProbe(StoredActivations states, ProbeSplit split, Settings settings, RandomKey key) {
    this.states = states;
    this.split = split;
    this.settings = settings;
    this.resamples =
        new Resamples(
            key,
            Arrays.stream(split.test()).mapToObj(row -> states.rows().get(row).group()).toList());
  }

  /// Probes a layer.
  ///
  /// @throws DataException when its states cannot be read
  public LayerScore of(int layer) throws DataException {
    float[][] all = states.states(layer);
    Scaling scaling =
        settings.standardise() ? Scaling.of(all, split.train()) : Scaling.none(all[0].length);
    double[][] validation = scaling.scaled(all, split.validation());
    double[][] test = scaling.scaled(all, split.test());
    Chosen chosen = chosen(scaling.scaled(all, split.train()), validation);
    double[][] scores =
        Arrays.stream(test).map(chosen.fitted()::probabilities).toArray(double[][]::new);
    return score(layer, chosen, scores);
  }

  private Chosen chosen(double[][] train, double[][] validation) {
    int count = split.labels().size();
    var rows = LogisticRegression.Rows.equal(train, classes(split.train()), count);
    int[] truth = classes(split.validation());
    Optional<Chosen> best = Optional.empty();
    for (double c : settings.strengths()) {
      LogisticRegression fitted = LogisticRegression.fit(rows, c, TOLERANCE);
      int[] predicted =
          Arrays.stream(validation)
              .map(fitted::probabilities)
              .mapToInt(LayerProbe::largest)
              .toArray();
      double accuracy = ConfusionMatrix.of(truth, predicted, count).top1();
      if (best.isEmpty() || accuracy > best.get().validationAccuracy()) {
        best = Optional.of(new Chosen(fitted, c, accuracy));
      }
    }
    return best.orElseThrow();
  }

  private int[] classes(int[] rows) {
    return Arrays.stream(rows).map(row -> split.classes()[row]).toArray();
  }

  /// The place of the largest; the first of equals.
  static int largest(double[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    return best;
  }

  private LayerScore score(int layer, Chosen chosen, double[][] scores) {
    int[] truth = classes(split.test());
    int[] predicted = Arrays.stream(scores).mapToInt(LayerProbe::largest).toArray();
    AreaUnderCurve[] curves =
        IntStream.range(0, split.labels().size())
            .mapToObj(label -> curve(scores, truth, label))
            .toArray(AreaUnderCurve[]::new);
    Map<String, ToDoubleFunction<int[]>> figures = new LinkedHashMap<>();
    figures.put("accuracy", times -> confusion(truth, predicted, times).top1());
    figures.put(
        "balanced_accuracy", times -> confusion(truth, predicted, times).balancedAccuracy());
    figures.put("f1_macro", times -> confusion(truth, predicted, times).f1Macro());
    figures.put("auc_macro", times -> mean(curves, times).orElse(Double.NaN));
    Map<String, OptionalDouble> areas = new LinkedHashMap<>();
    for (int label = 0; label < curves.length; label++) {
      areas.put(split.labels().get(label), curves[label].value());
    }
    return new LayerScore(
        layer,
        chosen.c(),
        chosen.validationAccuracy(),
        chosen.fitted().converged(),
        measured(figures, truth.length),
        areas);
  }

  private Map<String, LayerScore.Figure> measured(
      Map<String, ToDoubleFunction<int[]>> figures, int rows) {
    int[] once = new int[rows];
    Arrays.fill(once, 1);
    Map<String, double[]> drawn = new LinkedHashMap<>();
    figures.keySet().forEach(name -> drawn.put(name, new double[settings.resamples()]));
    for (int resample = 0; resample < settings.resamples(); resample++) {
      int[] times = resamples.times(resample);
      for (Map.Entry<String, double[]> figure : drawn.entrySet()) {
        ToDoubleFunction<int[]> function = Objects.requireNonNull(figures.get(figure.getKey()));
        figure.getValue()[resample] = function.applyAsDouble(times);
      }
    }
    Map<String, LayerScore.Figure> measured = new LinkedHashMap<>();
    figures.forEach(
        (name, figure) -> {
          double[] values =
              Arrays.stream(drawn.get(name)).filter(value -> !Double.isNaN(value)).toArray();
          measured.put(
              name,
              new LayerScore.Figure(
                  figure.applyAsDouble(once),
                  values.length == 0 ? Optional.empty() : Optional.of(Interval.of(values))));
        });
    return measured;
  }

  private ConfusionMatrix confusion(int[] truth, int[] predicted, int[] times) {
    int count = split.labels().size();
    long[] cells = new long[count * count];
    for (int row = 0; row < truth.length; row++) {
      cells[truth[row] * count + predicted[row]] += times[row];
    }
    return ConfusionMatrix.ofCells(cells, count);
  }

  static AreaUnderCurve curve(double[][] scores, int[] truth, int label) {
    double[] own = Arrays.stream(scores).mapToDouble(each -> each[label]).toArray();
    boolean[] positive = new boolean[truth.length];
    for (int row = 0; row < positive.length; row++) {
      positive[row] = truth[row] == label;
    }
    return new AreaUnderCurve(own, positive);
  }

  /// The mean of those that are defined.
  static OptionalDouble mean(AreaUnderCurve[] curves, int[] times) {
    return Arrays.stream(curves)
        .map(curve -> curve.value(times))
        .filter(OptionalDouble::isPresent)
        .mapToDouble(OptionalDouble::getAsDouble)
        .average();
  }

  /// Mean and deviation of each column.
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Scaling(double[] mean, double[] deviation) {
    static Scaling none(int width) {
      double[] ones = new double[width];
      Arrays.fill(ones, 1);
      return new Scaling(new double[width], ones);
    }

    /// A column of equal numbers stays as it is, but for its mean.
    static Scaling of(float[][] all, int[] rows) {
      int width = all[0].length;
      double[] mean = new double[width];
      double[] square = new double[width];
      for (int row : rows) {
        for (int i = 0; i < width; i++) {
          mean[i] += all[row][i] / (double) rows.length;
        }
      }
      for (int row : rows) {
        for (int i = 0; i < width; i++) {
          double from = all[row][i] - mean[i];
          square[i] += from * from / rows.length;
        }
      }
      double[] deviation =
          Arrays.stream(square).map(value -> value > 0 ? Math.sqrt(value) : 1).toArray();
      return new Scaling(mean, deviation);
    }

    double[][] scaled(float[][] all, int[] rows) {
      double[][] scaled = new double[rows.length][mean.length];
      for (int row = 0; row < rows.length; row++) {
        for (int i = 0; i < mean.length; i++) {
          scaled[row][i] = (all[rows[row]][i] - mean[i]) / deviation[i];
        }
      }
      return scaled;
    }
  }
}
