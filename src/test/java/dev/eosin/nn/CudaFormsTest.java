package dev.eosin.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.tensor.Tensor;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Forms of kernels that only a GPU takes and a CPU can run, beside the CPU's.
class CudaFormsTest {
  private static final Engine ENGINE =
      Engine.start(Device.CPU, 2, MatrixProducts.LIBTORCH, KernelListener.NONE);

  private static Tensor drawn(RandomGenerator random, long... shape) {
    int count = 1;
    for (long size : shape) {
      count *= (int) size;
    }
    float[] values = new float[count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return ENGINE.of(values, shape);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 1.702})
  void aScaledBiasGivesWhatAScaledProductDoes(double scale) {
    RandomGenerator random = new RandomKey(3).stream(RandomKey.Purpose.INITIALISATION, 0, 0);
    try (Tensor x = drawn(random, 9, 32);
        Tensor w = drawn(random, 17, 32);
        Tensor b = drawn(random, 17);
        Tensor cpu = ENGINE.kernels().one("times_scaled", x, w, b, scale);
        Tensor gpu = ENGINE.kernels().one("bias_scaled", x, w, b, scale)) {
      float[] expected = cpu.toFloats();
      float[] found = gpu.toFloats();
      for (int i = 0; i < expected.length; i++) {
        assertThat(found[i])
            .isCloseTo(expected[i], within(1e-5f * Math.max(1, Math.abs(expected[i]))));
      }
    }
  }
}
