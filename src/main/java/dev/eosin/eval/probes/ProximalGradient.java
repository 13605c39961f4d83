package dev.eosin.eval.probes;

import java.util.Arrays;

/// Minimises a smooth function plus `strength` times the sum of the point's absolute values, by
/// proximal gradients with momentum (Beck and Teboulle 2009), which starts anew where it leads
/// uphill (O'Donoghue and Candès 2015). What the absolute values hold at 0 is exactly 0.
final class ProximalGradient {
  private final Lbfgs.Function smooth;
  private final double strength;
  private final double tolerance;
  private final int mostIterations;

  /// What was reached.
  ///
  /// @param value of the smooth function and the absolute values together
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Minimum(double[] point, double value, boolean converged) {}

  /// @param strength above 0
  /// @param tolerance of the largest component of the least subgradient, in shares of `strength`
  ProximalGradient(Lbfgs.Function smooth, double strength, double tolerance, int mostIterations) {
    this.smooth = smooth;
    this.strength = strength;
    this.tolerance = tolerance;
    this.mostIterations = mostIterations;
  }

  Minimum from(double[] start) {
    double[] point = start.clone();
    double[] ahead = start.clone();
    double[] gradient = new double[start.length];
    double[] next = new double[start.length];
    double[] nextGradient = new double[start.length];
    double steepness = 1;
    double momentum = 1;
    for (int iteration = 0; iteration < mostIterations; iteration++) {
      double value = smooth.at(ahead, gradient);
      step(ahead, gradient, steepness, next);
      double reached = smooth.at(next, nextGradient);
      while (!(reached <= bound(value, ahead, gradient, next, steepness))) {
        steepness *= 2;
        if (Double.isInfinite(steepness)) {
          // No step is small enough: the function is no number where it is.
          return new Minimum(point, reached + absolute(point), false);
        }
        step(ahead, gradient, steepness, next);
        reached = smooth.at(next, nextGradient);
      }
      if (residual(next, nextGradient) <= tolerance * strength) {
        return new Minimum(next, reached + absolute(next), true);
      }
      momentum = advance(point, ahead, next, momentum);
    }
    return new Minimum(point, smooth.at(point, gradient) + absolute(point), false);
  }

  /// A gradient step, then what the absolute values make of it.
  private void step(double[] from, double[] gradient, double steepness, double[] to) {
    double most = strength / steepness;
    for (int i = 0; i < to.length; i++) {
      double moved = from[i] - gradient[i] / steepness;
      to[i] = Math.signum(moved) * Math.max(0, Math.abs(moved) - most);
    }
  }

  /// What the function is at most where it is no steeper than that, with room for rounding.
  private static double bound(
      double value, double[] from, double[] gradient, double[] to, double steepness) {
    double bound = value + 1e-13 * Math.abs(value);
    for (int i = 0; i < to.length; i++) {
      double moved = to[i] - from[i];
      bound += moved * (gradient[i] + steepness / 2 * moved);
    }
    return bound;
  }

  /// Takes `next` for `point`, and looks ahead from there.
  ///
  /// @return the momentum's next value
  private static double advance(double[] point, double[] ahead, double[] next, double momentum) {
    double uphill = 0;
    for (int i = 0; i < point.length; i++) {
      uphill += (ahead[i] - next[i]) * (next[i] - point[i]);
    }
    double now = uphill > 0 ? 1 : momentum;
    double later = (1 + Math.sqrt(1 + 4 * now * now)) / 2;
    double share = (now - 1) / later;
    for (int i = 0; i < point.length; i++) {
      ahead[i] = next[i] + share * (next[i] - point[i]);
      point[i] = next[i];
    }
    return later;
  }

  /// How far 0 is from the subgradients.
  private double residual(double[] point, double[] gradient) {
    double most = 0;
    for (int i = 0; i < point.length; i++) {
      double own =
          point[i] == 0
              ? Math.max(0, Math.abs(gradient[i]) - strength)
              : Math.abs(gradient[i] + strength * Math.signum(point[i]));
      most = Math.max(most, own);
    }
    return most;
  }

  private double absolute(double[] point) {
    return strength * Arrays.stream(point).map(Math::abs).sum();
  }
}
