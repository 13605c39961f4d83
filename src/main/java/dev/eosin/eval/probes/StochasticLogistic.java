package dev.eosin.eval.probes;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// Logistic regression of each class against the rest by stochastic gradient descent, as
/// scikit-learn's `SGDClassifier(loss="log_loss", penalty="l2")` makes it, which PLIP and
/// Multimodal-Probes probe with: minimises `mean(log loss) + alpha |w|^2 / 2` with a free
/// intercept.
///
/// The rate of update t is `1 / (alpha (t0 + t))` (Bottou's), t0 such that the first step fits the
/// size that weights may have. What it learns from comes in an order drawn anew in each pass,
/// another one than scikit-learn's, so that results are alike, not equal. Two classes have one row
/// of weights.
///
/// @param coefficients [classes or 1, c]
/// @param intercepts one for each row
/// @param passes that the slowest class took
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record StochasticLogistic(double[][] coefficients, double[] intercepts, int passes) {
  private static final int PATIENCE = 5;

  /// How it is learnt.
  ///
  /// @param alpha strength of the regularisation
  /// @param mostPasses over the rows
  /// @param tolerance by how much a pass's mean loss has to fall below the best one, in one of five
  ///   passes; nothing ends it early where it is empty
  /// @param balanced whether a class's own rows weigh n / (classes * its rows)
  public record Settings(double alpha, int mostPasses, OptionalDouble tolerance, boolean balanced) {
    /// @throws IllegalArgumentException for numbers that are none
    public Settings {
      if (!(alpha > 0) || mostPasses < 1) {
        throw new IllegalArgumentException(
            "alpha %s and %d passes: both must be above 0".formatted(alpha, mostPasses));
      }
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Learnt(double[] weights, double intercept, int passes) {}

  /// Learns.
  ///
  /// @param key draws the orders
  public static StochasticLogistic fit(
      LogisticRegression.Rows rows, Settings settings, RandomKey key) {
    int outputs = rows.count() == 2 ? 1 : rows.count();
    Learnt[] learnt =
        IntStream.range(0, outputs)
            .parallel()
            .mapToObj(k -> learn(rows, settings, key, outputs == 1 ? 1 : k))
            .toArray(Learnt[]::new);
    return new StochasticLogistic(
        Arrays.stream(learnt).map(Learnt::weights).toArray(double[][]::new),
        Arrays.stream(learnt).mapToDouble(Learnt::intercept).toArray(),
        Arrays.stream(learnt).mapToInt(Learnt::passes).max().orElseThrow());
  }

  private static Learnt learn(
      LogisticRegression.Rows rows, Settings settings, RandomKey key, int label) {
    int n = rows.classes().length;
    double own = 1;
    double rest = 1;
    if (settings.balanced()) {
      long positives = Arrays.stream(rows.classes()).filter(each -> each == label).count();
      own = (double) n / (rows.count() * positives);
      rest = rows.count() == 2 ? (double) n / (rows.count() * (n - positives)) : 1;
    }
    double[] weights = new double[rows.vectors()[0].length];
    // The weights are `factor` times these, so that the penalty shrinks them in one step.
    double factor = 1;
    double intercept = 0;
    double typical = Math.sqrt(1 / Math.sqrt(settings.alpha()));
    double start = 1 / (typical * settings.alpha());
    double best = Double.POSITIVE_INFINITY;
    int without = 0;
    long update = 0;
    for (int pass = 0; pass < settings.mostPasses(); pass++) {
      double loss = 0;
      for (int row : order(key, n, pass)) {
        double[] vector = rows.vectors()[row];
        boolean positive = rows.classes()[row] == label;
        double score = factor * LogisticRegression.dot(weights, 0, vector) + intercept;
        double margin = positive ? score : -score;
        loss += Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)));
        double rate = 1 / (settings.alpha() * (start + update++));
        double pull = (positive ? own : -rest) * rows.weights()[row] / (1 + Math.exp(margin));
        factor *= Math.max(0, 1 - rate * settings.alpha());
        if (factor < 1e-9) {
          for (int i = 0; i < weights.length; i++) {
            weights[i] *= factor;
          }
          factor = 1;
        }
        double step = rate * pull / factor;
        for (int i = 0; i < weights.length; i++) {
          weights[i] += step * vector[i];
        }
        intercept += rate * pull;
      }
      double least = best - settings.tolerance().orElse(0) * n;
      without = settings.tolerance().isPresent() && loss > least ? without + 1 : 0;
      best = Math.min(best, loss);
      if (without >= PATIENCE) {
        return new Learnt(times(weights, factor), intercept, pass + 1);
      }
    }
    return new Learnt(times(weights, factor), intercept, settings.mostPasses());
  }

  private static double[] times(double[] weights, double factor) {
    return Arrays.stream(weights).map(weight -> weight * factor).toArray();
  }

  private static int[] order(RandomKey key, int n, int pass) {
    RandomStream random = key.stream(Purpose.PROBE_ORDER, pass, 0);
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  /// The score of each class, of two classes that of the second and its opposite.
  ///
  /// @param vector `[c]`
  public double[] scores(double[] vector) {
    double[] scores = new double[coefficients.length];
    for (int k = 0; k < scores.length; k++) {
      scores[k] = intercepts[k] + LogisticRegression.dot(coefficients[k], 0, vector);
    }
    return scores.length == 1 ? new double[] {-scores[0], scores[0]} : scores;
  }

  /// Each class's own probability against the rest, divided by their sum; where all are 0, equal.
  ///
  /// @param vector `[c]`
  public double[] probabilities(double[] vector) {
    double[] shares = Arrays.stream(scores(vector)).map(s -> 1 / (1 + Math.exp(-s))).toArray();
    double sum = Arrays.stream(shares).sum();
    return Arrays.stream(shares).map(s -> sum == 0 ? 1.0 / shares.length : s / sum).toArray();
  }
}
