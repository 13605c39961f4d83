package dev.eosin.eval.probes;

import dev.eosin.config.DataException;
import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.eval.activations.StoredActivations;
import dev.eosin.random.RandomKey;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

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
    Standardisation scaling =
        settings.standardise()
            ? Standardisation.of(all, split.train())
            : Standardisation.none(all[0].length);
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
    var solver = new LogisticRegression.Solver(rows);
    for (double c : settings.strengths()) {
      LogisticRegression fitted = solver.fit(c, TOLERANCE);
      int[] predicted =
          Arrays.stream(validation)
              .map(fitted::probabilities)
              .mapToInt(LabelScores::largest)
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

  private LayerScore score(int layer, Chosen chosen, double[][] scores) {
    var judged = new LabelScores(scores, classes(split.test()));
    Map<String, OptionalDouble> areas = new LinkedHashMap<>();
    List<OptionalDouble> ofLabels = judged.area().areas();
    for (int label = 0; label < ofLabels.size(); label++) {
      areas.put(split.labels().get(label), ofLabels.get(label));
    }
    return new LayerScore(
        layer,
        chosen.c(),
        chosen.validationAccuracy(),
        chosen.fitted().converged(),
        judged.measured(resamples, settings.resamples()),
        areas,
        judged);
  }
}
