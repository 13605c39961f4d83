package dev.eosin.image;

import java.util.Arrays;

/// Which source pixels, and how much of each, make up every kept output pixel along one axis.
///
/// Follows the order of operations of Pillow's `precompute_coeffs`, so that the sums are equal to
/// the last bit.
public final class AxisWeights {
  /// Fixed-point weights have this many fraction bits: 8 for the sample and 2 for overshoot remain.
  static final int PRECISION_BITS = 32 - 8 - 2;

  private final int[] starts;
  private final int[] counts;
  private final int stride;
  private final double[] weights;

  private AxisWeights(int[] starts, int[] counts, int stride, double[] weights) {
    this.starts = starts;
    this.counts = counts;
    this.stride = stride;
    this.weights = weights;
  }

  /// The weights of every output pixel, when `inputSize` pixels are resized to `outputSize`.
  public static AxisWeights of(int inputSize, int outputSize, Filter filter) {
    return of(inputSize, outputSize, 0, outputSize, filter);
  }

  /// The weights of output pixels `first` to `first + kept - 1`, when `inputSize` pixels are
  /// resized to `outputSize`.
  static AxisWeights of(int inputSize, int outputSize, int first, int kept, Filter filter) {
    double scale = (double) inputSize / outputSize;
    double filterScale = Math.max(scale, 1.0);
    double support = filter.support() * filterScale;
    int stride = (int) Math.ceil(support) * 2 + 1;
    AxisWeights result =
        new AxisWeights(new int[kept], new int[kept], stride, new double[kept * stride]);
    double inverse = 1.0 / filterScale;
    for (int i = 0; i < kept; i++) {
      double centre = (first + i + 0.5) * scale;
      int start = Math.max((int) (centre - support + 0.5), 0);
      int end = Math.min((int) (centre + support + 0.5), inputSize);
      result.starts[i] = start;
      result.counts[i] = end - start;
      result.fill(i, start - centre + 0.5, inverse, filter);
    }
    return result;
  }

  private void fill(int output, double firstDistance, double inverseScale, Filter filter) {
    int offset = output * stride;
    int count = counts[output];
    double sum = 0.0;
    for (int tap = 0; tap < count; tap++) {
      double weight = filter.weight((tap + firstDistance) * inverseScale);
      weights[offset + tap] = weight;
      sum += weight;
    }
    if (sum != 0.0) {
      for (int tap = 0; tap < count; tap++) {
        weights[offset + tap] /= sum;
      }
    }
  }

  int outputs() {
    return starts.length;
  }

  /// First source pixel of an output pixel.
  public int start(int output) {
    return starts[output];
  }

  /// How much of its source pixel `start + tap` an output pixel takes.
  public double weight(int output, int tap) {
    return weights[output * stride + tap];
  }

  /// Number of source pixels of an output pixel.
  public int count(int output) {
    return counts[output];
  }

  /// Distance between two output pixels' weights in [#exact] and [#fixedPoint].
  int stride() {
    return stride;
  }

  /// First source pixel used at all; starts never decrease.
  int firstSource() {
    return starts[0];
  }

  /// One past the last source pixel used at all.
  int endSource() {
    int last = starts.length - 1;
    return starts[last] + counts[last];
  }

  double[] exact() {
    return weights;
  }

  /// The weights times 2^22, rounded half away from zero.
  int[] fixedPoint() {
    int[] fixed = new int[weights.length];
    Arrays.setAll(
        fixed,
        i -> {
          double scaled = weights[i] * (1 << PRECISION_BITS);
          return (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        });
    return fixed;
  }
}
