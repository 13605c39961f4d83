package dev.eosin.eval.probes;

import java.util.ArrayDeque;
import java.util.Deque;

/// Minimises a smooth convex function: limited-memory BFGS with a line search for the strong Wolfe
/// conditions, in the metric of a preconditioner.
///
/// Source: Nocedal and Wright, Numerical Optimization (2006), algorithms 7.4, 7.5, 3.5 and 3.6; the
/// first guess of the curvature, (7.20), is a scaled P instead of a scaled identity.
final class Lbfgs {
  private static final int MEMORY = 10;
  private static final double DECREASE = 1e-4;
  private static final double CURVATURE = 0.9;
  private static final int MOST_TRIALS = 40;
  private static final double LARGEST_STEP = 1e10;

  /// Of the value: close to the minimum it changes by less than it is rounded by, and the gradient
  /// alone tells the way.
  private static final double ROUNDING = 1e-14;

  private final Function function;
  private final Preconditioner preconditioner;
  private final double tolerance;
  private final int mostIterations;

  /// What is minimised.
  interface Function {
    /// @param gradient filled in
    /// @return the value
    double at(double[] point, double[] gradient);
  }

  /// Undoes what is known of the function's curvature: solves `P x = vector` in place, of a
  /// positive definite P. The better P is, the fewer steps there are; where they end is the same.
  interface Preconditioner {
    void solve(double[] vector);

    /// Nothing is known.
    static Preconditioner none() {
      return vector -> {};
    }
  }

  /// Where it ended.
  ///
  /// @param converged whether no component of the gradient is larger than the tolerance; otherwise
  ///   no step made the value smaller any more, or there were too many
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Minimum(double[] point, double value, double[] gradient, boolean converged) {}

  /// @param scale of what stands for the curvature before the first pair
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Pair(double[] step, double[] change, double curvature, double scale) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Point(double[] at, double value, double[] gradient, double slope) {}

  /// @param tolerance of the gradient's largest component
  Lbfgs(Function function, Preconditioner preconditioner, double tolerance, int mostIterations) {
    this.function = function;
    this.preconditioner = preconditioner;
    this.tolerance = tolerance;
    this.mostIterations = mostIterations;
  }

  Minimum from(double[] start) {
    Deque<Pair> pairs = new ArrayDeque<>();
    double[] gradient = new double[start.length];
    double value = function.at(start, gradient);
    var current = new Point(start, value, gradient, 0);
    for (int i = 0; i < mostIterations && largest(current.gradient()) > tolerance; i++) {
      double[] direction = direction(current.gradient(), pairs);
      if (dot(direction, current.gradient()) >= 0) {
        pairs.clear();
        direction = direction(current.gradient(), pairs);
      }
      double first = pairs.isEmpty() ? Math.min(1, 1 / norm(direction)) : 1;
      Point next = search(current, direction, first);
      boolean better =
          next.value() < current.value() - slack(current)
              || largest(next.gradient()) < largest(current.gradient());
      if (!better) {
        if (pairs.isEmpty()) {
          break;
        }
        pairs.clear();
        continue;
      }
      remember(pairs, current, next);
      current = next;
    }
    boolean converged = largest(current.gradient()) <= tolerance;
    return new Minimum(current.at(), current.value(), current.gradient(), converged);
  }

  private void remember(Deque<Pair> pairs, Point from, Point to) {
    double[] step = minus(to.at(), from.at());
    double[] change = minus(to.gradient(), from.gradient());
    double curvature = dot(step, change);
    if (curvature > 1e-300) {
      if (pairs.size() == MEMORY) {
        pairs.removeFirst();
      }
      double[] solved = change.clone();
      preconditioner.solve(solved);
      pairs.addLast(new Pair(step, change, curvature, curvature / dot(change, solved)));
    }
  }

  private double[] direction(double[] gradient, Deque<Pair> pairs) {
    double[] direction = gradient.clone();
    double[] shares = new double[pairs.size()];
    int i = shares.length;
    for (var newest = pairs.descendingIterator(); newest.hasNext(); ) {
      Pair pair = newest.next();
      shares[--i] = dot(pair.step(), direction) / pair.curvature();
      add(direction, -shares[i], pair.change());
    }
    preconditioner.solve(direction);
    if (!pairs.isEmpty()) {
      double scale = pairs.getLast().scale();
      for (int j = 0; j < direction.length; j++) {
        direction[j] *= scale;
      }
    }
    for (Pair pair : pairs) {
      double share = dot(pair.change(), direction) / pair.curvature();
      add(direction, shares[i++] - share, pair.step());
    }
    for (int j = 0; j < direction.length; j++) {
      direction[j] = -direction[j];
    }
    return direction;
  }

  private Point along(Point from, double[] direction, double length) {
    double[] at = from.at().clone();
    add(at, length, direction);
    double[] gradient = new double[at.length];
    double value = function.at(at, gradient);
    return new Point(at, value, gradient, dot(gradient, direction));
  }

  /// A point that the strong Wolfe conditions hold for, or the best one that was met.
  private Point search(Point from, double[] direction, double first) {
    double slope = dot(from.gradient(), direction);
    double before = 0;
    double length = first;
    Point low = new Point(from.at(), from.value(), from.gradient(), slope);
    for (int trial = 0; trial < MOST_TRIALS; trial++) {
      Point point = along(from, direction, length);
      boolean high =
          !(point.value() <= from.value() + DECREASE * length * slope + slack(from))
              || trial > 0 && point.value() > low.value() + slack(from);
      if (high) {
        return between(from, direction, slope, before, low, length);
      }
      if (Math.abs(point.slope()) <= -CURVATURE * slope) {
        return point;
      }
      if (point.slope() >= 0) {
        return between(from, direction, slope, length, point, before);
      }
      before = length;
      low = point;
      length = Math.min(2 * length, LARGEST_STEP);
    }
    return low;
  }

  /// @param low the lower end, of which the conditions on the value hold
  /// @param other the length of the other end
  private Point between(
      Point from, double[] direction, double slope, double lowLength, Point low, double other) {
    double a = lowLength;
    double b = other;
    Point best = low;
    for (int trial = 0; trial < MOST_TRIALS; trial++) {
      double length = (a + b) / 2;
      Point point = along(from, direction, length);
      boolean high =
          !(point.value() <= from.value() + DECREASE * length * slope + slack(from))
              || point.value() > best.value() + slack(from);
      if (high) {
        b = length;
      } else {
        if (Math.abs(point.slope()) <= -CURVATURE * slope) {
          return point;
        }
        if (point.slope() * (b - a) >= 0) {
          b = a;
        }
        a = length;
        best = point;
      }
    }
    return best;
  }

  private static double slack(Point point) {
    return ROUNDING * Math.abs(point.value());
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static double norm(double[] values) {
    return Math.sqrt(dot(values, values));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double[] to, double factor, double[] what) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * what[i];
    }
  }

  private static double[] minus(double[] a, double[] b) {
    double[] difference = a.clone();
    add(difference, -1, b);
    return difference;
  }
}
