package dev.eosin.data.synthetic;

/// Gaussian defocus on one plane.
final class Blur {
  private Blur() {}

  /// Blurs in place; beyond the border the border's value goes on.
  ///
  /// @param plane [size, size]
  /// @param deviation of the Gaussian, in pixels
  static void gaussian(float[] plane, int size, double deviation) {
    int radius = (int) Math.ceil(2.5 * deviation);
    float[] weights = new float[radius + 1];
    float sum = 0;
    for (int i = 0; i <= radius; i++) {
      weights[i] = (float) StrictMath.exp(-0.5 * i * i / (deviation * deviation));
      sum += (i == 0 ? 1 : 2) * weights[i];
    }
    for (int i = 0; i <= radius; i++) {
      weights[i] /= sum;
    }
    float[] line = new float[size + 2 * radius];
    for (int i = 0; i < size; i++) {
      blurLine(plane, i * size, 1, size, weights, line);
    }
    for (int i = 0; i < size; i++) {
      blurLine(plane, i, size, size, weights, line);
    }
  }

  private static void blurLine(
      float[] plane, int start, int step, int size, float[] weights, float[] line) {
    int radius = weights.length - 1;
    for (int i = 0; i < line.length; i++) {
      line[i] = plane[start + Math.clamp(i - radius, 0, size - 1) * step];
    }
    for (int i = 0; i < size; i++) {
      float sum = weights[0] * line[i + radius];
      for (int tap = 1; tap <= radius; tap++) {
        sum += weights[tap] * (line[i + radius - tap] + line[i + radius + tap]);
      }
      plane[start + i * step] = sum;
    }
  }
}
