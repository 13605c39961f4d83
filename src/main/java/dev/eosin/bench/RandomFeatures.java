package dev.eosin.bench;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;

/// Random unit vectors, as a model that has learned nothing gives them.
final class RandomFeatures {
  private RandomFeatures() {}

  /// @param series tells sets of the same size apart
  /// @return fp32 [rows, width]
  static Tensor of(Engine engine, int rows, int width, int series) {
    RandomStream random = new RandomKey(1).stream(RandomKey.Purpose.AUGMENTATION, 0, series);
    float[] values = new float[rows * width];
    for (int row = 0; row < rows; row++) {
      double squares = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        values[i] = (float) random.nextGaussian();
        squares += values[i] * values[i];
      }
      for (int i = row * width; i < (row + 1) * width; i++) {
        values[i] /= (float) Math.sqrt(squares);
      }
    }
    return engine.of(values, rows, width);
  }
}
