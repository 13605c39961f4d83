package dev.eosin.eval.probes;

import java.util.Arrays;
import java.util.Optional;

/// Logistic regression as scikit-learn's `lbfgs` solves it: minimises `C * sum(weight * log loss) +
/// |W|^2 / 2` with free intercepts. Two classes have one row of coefficients, for the second one;
/// more have one each, with a softmax.
///
/// @param coefficients [classes or 1, c]
/// @param intercepts one for each row
/// @param objective that was reached
/// @param converged whether the gradient vanishes as far as was asked
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record LogisticRegression(
    double[][] coefficients, double[] intercepts, double objective, boolean converged) {
  private static final int MOST_ITERATIONS = 10_000;

  /// Rows and what they are.
  ///
  /// @param vectors `[n][c]`
  /// @param classes of the rows `[n]`, from 0; each occurs
  /// @param count of classes, at least 2
  /// @param weights of the rows `[n]`
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Rows(double[][] vectors, int[] classes, int count, double[] weights) {
    /// @throws IllegalArgumentException for lengths that differ, fewer than two classes, or a class
    ///   that does not occur
    public Rows {
      if (vectors.length != classes.length || vectors.length != weights.length || count < 2) {
        throw new IllegalArgumentException(
            "%d vectors of %d rows with %d weights in %d classes"
                .formatted(vectors.length, classes.length, weights.length, count));
      }
      for (int c = 0; c < count; c++) {
        int wanted = c;
        if (Arrays.stream(classes).noneMatch(each -> each == wanted)) {
          throw new IllegalArgumentException("class %d has no row".formatted(c));
        }
      }
    }

    /// Rows that weigh the same.
    public static Rows equal(double[][] vectors, int[] classes, int count) {
      double[] weights = new double[vectors.length];
      Arrays.fill(weights, 1);
      return new Rows(vectors, classes, count, weights);
    }

    /// Rows whose classes weigh the same: n / (classes * rows of its class).
    public static Rows balanced(double[][] vectors, int[] classes, int count) {
      double[] weights = new double[vectors.length];
      long[] of = new long[count];
      Arrays.stream(classes).forEach(each -> of[each]++);
      for (int i = 0; i < weights.length; i++) {
        weights[i] = vectors.length / ((double) count * of[classes[i]]);
      }
      return new Rows(vectors, classes, count, weights);
    }
  }

  /// Fits.
  ///
  /// @param c inverse strength of the regularisation
  /// @param tolerance of the gradient's largest component, divided by `c` times the weights' sum
  public static LogisticRegression fit(Rows rows, double c, double tolerance) {
    return new Solver(rows).fit(c, tolerance);
  }

  /// Fits the same rows with several strengths: what is known of the rows is learnt once.
  public static final class Solver {
    private final Rows rows;
    private final int width;
    private final int outputs;
    private final Optional<Curvature> curvature;

    public Solver(Rows rows) {
      this.rows = rows;
      this.width = rows.vectors()[0].length;
      this.outputs = rows.count() == 2 ? 1 : rows.count();
      this.curvature = Curvature.of(rows.vectors(), rows.weights());
    }

    /// As [LogisticRegression#fit].
    public LogisticRegression fit(double c, double tolerance) {
      double all = Arrays.stream(rows.weights()).sum() * c;
      // Divided by what the log losses weigh, the function is of one size for any number of rows.
      double penalty = 1 / all;
      double share = c / all;
      // Where all classes are equally likely, each has this part of the squared features as its
      // curvature: p (1 - p) of two, and of more p along directions that sum to nothing.
      double part = outputs == 1 ? 0.25 : 1.0 / outputs;
      Lbfgs.Preconditioner preconditioner =
          curvature
              .map(known -> known.preconditioner(share * part, penalty, outputs))
              .orElse(Lbfgs.Preconditioner.none());
      var function = LogisticObjective.of(rows, width, outputs, penalty, share);
      Lbfgs.Minimum minimum =
          new Lbfgs(function, preconditioner, tolerance, MOST_ITERATIONS)
              .from(new double[outputs * (width + 1)]);
      double[][] coefficients = new double[outputs][];
      for (int k = 0; k < outputs; k++) {
        coefficients[k] = Arrays.copyOfRange(minimum.point(), k * width, (k + 1) * width);
      }
      double[] intercepts =
          Arrays.copyOfRange(minimum.point(), outputs * width, outputs * (width + 1));
      return new LogisticRegression(
          coefficients, intercepts, minimum.value() * all, minimum.converged());
    }
  }

  /// Of each class.
  ///
  /// @param vector `[c]`
  public double[] probabilities(double[] vector) {
    double[] scores = new double[coefficients.length];
    for (int k = 0; k < scores.length; k++) {
      scores[k] = intercepts[k] + dot(coefficients[k], 0, vector);
    }
    if (scores.length == 1) {
      double second = 1 / (1 + Math.exp(-scores[0]));
      return new double[] {1 - second, second};
    }
    softmax(scores);
    return scores;
  }

  /// Makes scores into shares of 1.
  ///
  /// @return the logarithm of the sum of their exponentials
  static double softmax(double[] scores) {
    double most = Arrays.stream(scores).max().orElseThrow();
    double sum = 0;
    for (double score : scores) {
      sum += Math.exp(score - most);
    }
    double logarithm = most + Math.log(sum);
    for (int k = 0; k < scores.length; k++) {
      scores[k] = Math.exp(scores[k] - logarithm);
    }
    return logarithm;
  }

  /// With four sums, which a processor works on at once.
  static double dot(double[] weights, int from, double[] vector) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < vector.length; i += 4) {
      a += weights[from + i] * vector[i];
      b += weights[from + i + 1] * vector[i + 1];
      c += weights[from + i + 2] * vector[i + 2];
      d += weights[from + i + 3] * vector[i + 3];
    }
    for (; i < vector.length; i++) {
      a += weights[from + i] * vector[i];
    }
    return a + b + (c + d);
  }
}
