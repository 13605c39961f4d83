package dev.eosin.tensor.vectors;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// What stands between the products of a decoder's step, on rows of floats.
public final class RowMath {
  private RowMath() {}

  /// Root mean square norms of each row: x / sqrt(mean(x x) + epsilon) weight.
  ///
  /// @param x [rows,weight.length]
  /// @param y of the same size
  public static void rmsNorm(float[] x, int rows, float[] weight, double epsilon, float[] y) {
    int c = weight.length;
    int whole = Lanes.whole(c);
    for (int row = 0; row < rows; row++) {
      int at = row * c;
      double mean = dot(x, at, x, at, c) / (double) c;
      float scale = (float) (1 / Math.sqrt(mean + epsilon));
      for (int i = 0; i < whole; i += Lanes.COUNT) {
        FloatVector.fromArray(Lanes.FLOATS, x, at + i)
            .mul(scale)
            .mul(FloatVector.fromArray(Lanes.FLOATS, weight, i))
            .intoArray(y, at + i);
      }
      for (int i = whole; i < c; i++) {
        y[at + i] = x[at + i] * scale * weight[i];
      }
    }
  }

  /// x y, in lanes.
  static float dot(float[] x, int xAt, float[] y, int yAt, int length) {
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    int whole = Lanes.whole(length);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, xAt + i);
      sum = FloatVector.fromArray(Lanes.FLOATS, y, yAt + i).fma(v, sum);
    }
    float total = sum.reduceLanes(VectorOperators.ADD);
    for (int i = whole; i < length; i++) {
      total = Math.fma(x[xAt + i], y[yAt + i], total);
    }
    return total;
  }

  /// Adds y to x, from `at` on in both.
  public static void add(float[] x, float[] y, int at, int length) {
    int whole = Lanes.whole(length);
    for (int i = at; i < at + whole; i += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, x, i)
          .add(FloatVector.fromArray(Lanes.FLOATS, y, i))
          .intoArray(x, i);
    }
    for (int i = at + whole; i < at + length; i++) {
      x[i] += y[i];
    }
  }

  /// gate becomes silu(gate) up, from `at` on in both; silu(x) = x / (1 + exp(-x)).
  public static void gated(float[] gate, float[] up, int at, int length) {
    int whole = Lanes.whole(length);
    for (int i = at; i < at + whole; i += Lanes.COUNT) {
      FloatVector g = FloatVector.fromArray(Lanes.FLOATS, gate, i);
      FloatVector under = g.neg().lanewise(VectorOperators.EXP).add(1f);
      g.div(under).mul(FloatVector.fromArray(Lanes.FLOATS, up, i)).intoArray(gate, i);
    }
    for (int i = at + whole; i < at + length; i++) {
      gate[i] = (float) (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
    }
  }

  /// Turns pairs of a head, the first half's with the second half's.
  ///
  /// @param x a head begins at `at`, 2 cos.length wide
  public static void rotate(float[] x, int at, float[] cos, float[] sin) {
    int half = cos.length;
    for (int i = 0; i < half; i++) {
      float first = x[at + i];
      float second = x[at + half + i];
      x[at + i] = first * cos[i] - second * sin[i];
      x[at + half + i] = second * cos[i] + first * sin[i];
    }
  }

  /// The first `length` scores times `scale` become their softmax.
  static void softmax(float[] scores, int length, float scale) {
    float most = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < length; i++) {
      most = Math.max(most, scores[i]);
    }
    int whole = Lanes.whole(length);
    FloatVector sums = FloatVector.zero(Lanes.FLOATS);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      FloatVector behind = FloatVector.fromArray(Lanes.FLOATS, scores, i).sub(most).mul(scale);
      FloatVector e = behind.lanewise(VectorOperators.EXP);
      e.intoArray(scores, i);
      sums = sums.add(e);
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (int i = whole; i < length; i++) {
      scores[i] = (float) Math.exp((scores[i] - most) * scale);
      sum += scores[i];
    }
    float share = 1 / sum;
    for (int i = 0; i < length; i++) {
      scores[i] *= share;
    }
  }
}
