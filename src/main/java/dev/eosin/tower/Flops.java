package dev.eosin.tower;

/// Floating-point operations of the parts of towers, forward only; a multiply-add counts as two.
final class Flops {
  private Flops() {}

  /// Of the products that turn patches into tokens.
  static double patches(ImageSpec image, int patches) {
    return 2.0 * patches * 3 * image.patch() * image.patch() * image.hiddenSize();
  }

  /// @param mlpColumns elements of one row of all the MLP's matrices, per hidden size
  static double blocks(int tokens, int width, double mlpColumns, int layers) {
    double linear = 2.0 * tokens * (4.0 * width * width + width * mlpColumns);
    double attention = 4.0 * tokens * tokens * width;
    return layers * (linear + attention);
  }

  /// Matrix products from a vector of the first size to one of the last.
  static double chain(int... sizes) {
    double flops = 0;
    for (int i = 1; i < sizes.length; i++) {
      flops += 2.0 * sizes[i - 1] * sizes[i];
    }
    return flops;
  }
}
