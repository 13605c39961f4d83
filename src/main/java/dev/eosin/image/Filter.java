package dev.eosin.image;

/// Interpolation kernels with Pillow's definitions; when an image gets smaller the kernel is
/// stretched by the reduction factor (antialiasing).
public enum Filter {
  BILINEAR(1.0) {
    @Override
    double weight(double distance) {
      double x = Math.abs(distance);
      return x < 1.0 ? 1.0 - x : 0.0;
    }
  },

  /// Cubic convolution with a = -0.5 (Keys 1981); torch's own bicubic uses -0.75.
  BICUBIC(2.0) {
    @Override
    double weight(double distance) {
      double x = Math.abs(distance);
      if (x < 1.0) {
        return ((A + 2.0) * x - (A + 3.0)) * x * x + 1;
      }
      return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * A : 0.0;
    }
  };

  private static final double A = -0.5;
  private final double support;

  Filter(double support) {
    this.support = support;
  }

  /// Half the kernel's width, in source pixels at scale 1.
  double support() {
    return support;
  }

  /// The kernel's value at a distance from its centre.
  abstract double weight(double distance);
}
