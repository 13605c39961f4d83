package dev.eosin.eval.probes;

import dev.eosin.eval.probes.Concordance.Survival;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Proportional hazards (Cox 1972): minimises `C * sum over events(-log partial likelihood) + |w|^2
/// / 2`. Of events at the same time each is compared with all rows that were still watched then
/// (Breslow 1974).
///
/// @param coefficients `[c]`
/// @param objective that was reached
/// @param converged whether the gradient vanishes as far as was asked
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record CoxRegression(double[] coefficients, double objective, boolean converged) {
  private static final int MOST_ITERATIONS = 10_000;
  private static final int MOST_PROXIMAL_ITERATIONS = 100_000;

  /// Fits.
  ///
  /// @param vectors `[n][c]`
  /// @param rows `[n]`, of which one at least is an event
  /// @param c inverse strength of the regularisation
  /// @param tolerance of the gradient's largest component, divided by `c` times the events
  /// @throws IllegalArgumentException where no row is an event
  public static CoxRegression fit(double[][] vectors, Survival[] rows, double c, double tolerance) {
    long events = events(rows);
    var function =
        new Objective(vectors, rows, watchedLongest(rows), 1 / (c * events), 1.0 / events);
    Lbfgs.Minimum minimum =
        new Lbfgs(function, Lbfgs.Preconditioner.none(), tolerance, MOST_ITERATIONS)
            .from(new double[vectors[0].length]);
    return new CoxRegression(minimum.point(), minimum.value() * c * events, minimum.converged());
  }

  /// Fits with an elastic net, as glmnet and scikit-survival have it (Simon et al. 2011): minimises
  /// `sum over events(-log partial likelihood) / n + alpha * (share * |w|_1 + (1 - share) * |w|^2 /
  /// 2)`.
  ///
  /// @param vectors `[n][c]`
  /// @param rows `[n]`, of which one at least is an event
  /// @param alpha strength of the regularisation, above 0
  /// @param share of it that the absolute values have, above 0 and at most 1
  /// @param tolerance of the subgradient's largest component, in shares of `alpha * share`
  /// @throws IllegalArgumentException where no row is an event
  public static CoxRegression elasticNet(
      double[][] vectors, Survival[] rows, double alpha, double share, double tolerance) {
    events(rows);
    var function =
        new Objective(vectors, rows, watchedLongest(rows), alpha * (1 - share), 1.0 / rows.length);
    ProximalGradient.Minimum minimum =
        new ProximalGradient(function, alpha * share, tolerance, MOST_PROXIMAL_ITERATIONS)
            .from(new double[vectors[0].length]);
    return new CoxRegression(minimum.point(), minimum.value(), minimum.converged());
  }

  private static long events(Survival[] rows) {
    long events = Arrays.stream(rows).filter(Survival::event).count();
    if (events == 0) {
      throw new IllegalArgumentException("no row is an event: there is nothing to learn from");
    }
    return events;
  }

  /// From the longest watched on, so that who is still watched is what came before.
  private static int[] watchedLongest(Survival[] rows) {
    return IntStream.range(0, rows.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer row) -> -rows[row].time()))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /// How many coefficients are not 0.
  public long taken() {
    return Arrays.stream(coefficients).filter(each -> each != 0).count();
  }

  /// The logarithm of the hazard, up to what all rows share.
  ///
  /// @param vector `[c]`
  public double risk(double[] vector) {
    return LogisticRegression.dot(coefficients, 0, vector);
  }

  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Objective(
      double[][] vectors, Survival[] rows, int[] order, double penalty, double share)
      implements Lbfgs.Function {
    @Override
    public double at(double[] point, double[] gradient) {
      double[] risks = new double[order.length];
      for (int i = 0; i < risks.length; i++) {
        risks[i] = LogisticRegression.dot(point, 0, vectors[order[i]]);
      }
      double[] pull = new double[risks.length];
      double value = likelihood(risks, pull);
      double squares = 0;
      Arrays.fill(gradient, 0);
      for (int i = 0; i < pull.length; i++) {
        double[] vector = vectors[order[i]];
        for (int j = 0; j < gradient.length; j++) {
          gradient[j] += share * pull[i] * vector[j];
        }
      }
      for (int j = 0; j < gradient.length; j++) {
        gradient[j] += penalty * point[j];
        squares += point[j] * point[j];
      }
      return share * value + penalty / 2 * squares;
    }

    /// In logarithms throughout: of those who are still watched all may be far below the largest
    /// risk.
    ///
    /// @param pull filled in: the derivative by each risk [n]
    private double likelihood(double[] risks, double[] pull) {
      int n = risks.length;
      int[] end = new int[n];
      double[] watched = new double[n];
      double sum = Double.NEGATIVE_INFINITY;
      for (int first = 0; first < n; ) {
        int next = first;
        while (next < n && time(next) == time(first)) {
          sum = added(sum, risks[next++]);
        }
        for (int i = first; i < next; i++) {
          watched[i] = sum;
          end[i] = next;
        }
        first = next;
      }
      double value = 0;
      double inverse = Double.NEGATIVE_INFINITY;
      for (int last = n - 1; last >= 0; ) {
        int first = last;
        for (; first >= 0 && end[first] == end[last]; first--) {
          if (rows[order[first]].event()) {
            value += watched[first] - risks[first];
            inverse = added(inverse, -watched[first]);
          }
        }
        for (int i = first + 1; i <= last; i++) {
          pull[i] = Math.exp(risks[i] + inverse) - (rows[order[i]].event() ? 1 : 0);
        }
        last = first;
      }
      return value;
    }

    /// The logarithm of a sum of two numbers whose logarithms are given.
    private static double added(double one, double other) {
      double most = Math.max(one, other);
      return most == Double.NEGATIVE_INFINITY
          ? most
          : most + Math.log1p(Math.exp(Math.min(one, other) - most));
    }

    private double time(int place) {
      return rows[order[place]].time();
    }
  }
}
