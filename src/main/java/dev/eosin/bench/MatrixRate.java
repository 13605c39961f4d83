package dev.eosin.bench;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.List;

/// What this machine's products of large matrices reach, now and with these threads: what the speed
/// of a model is a share of.
///
/// @param flopsPerSecond of the best of several products
record MatrixRate(double flopsPerSecond) {
  private static final int ROWS = 2048;
  private static final int INPUTS = 1024;
  private static final int OUTPUTS = 4096;
  private static final int TRIES = 8;

  /// Times x wT, by the library that the engine's blocks take.
  ///
  /// @param type of both matrices
  static MatrixRate measure(Engine engine, DType type) {
    try (Tensor x = drawn(engine, type, ROWS);
        Tensor w = drawn(engine, type, OUTPUTS)) {
      long best = Long.MAX_VALUE;
      for (int i = 0; i < TRIES; i++) {
        long started = System.nanoTime();
        try (Tensor y = engine.kernels().list("token_logits", List.of(x), List.of(w)).getFirst();
            Tensor last = engine.kernels().one("row_range", y, ROWS - 1, ROWS)) {
          last.toFloats(); // waits for a GPU, too
        }
        best = Math.min(best, System.nanoTime() - started);
      }
      return new MatrixRate(2.0 * ROWS * INPUTS * OUTPUTS / (best / 1e9));
    }
  }

  private static Tensor drawn(Engine engine, DType type, int rows) {
    RandomStream random = new RandomKey(0).stream(RandomKey.Purpose.AUGMENTATION, rows, 0);
    float[] values = new float[rows * INPUTS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Tensor matrix = engine.zeros(type, rows, INPUTS);
    try (Tensor wide = engine.of(values, rows, INPUTS)) {
      engine.kernels().run("assign", matrix, wide);
    }
    return matrix;
  }

  double gigaflopsPerSecond() {
    return flopsPerSecond / 1e9;
  }

  /// How much of it a model reaches.
  ///
  /// @param flops of one sample
  double share(double samplesPerSecond, double flops) {
    return samplesPerSecond * flops / flopsPerSecond;
  }
}
