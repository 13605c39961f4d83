package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MatrixProductsTest {
  private static final int WIDTH = 32;
  private static final int HEAD = 7;

  @Test
  void amdProcessorsTakeOneDnn() {
    assertThat(MatrixProducts.best(Stream.of("processor\t: 0", "vendor_id\t: AuthenticAMD")))
        .isEqualTo(MatrixProducts.ONEDNN);
  }

  /// oneDNN has no bf16 product where the processor has no instructions for one.
  @ParameterizedTest
  @EnumSource(MatrixProducts.class)
  void aFewRowsOfBf16AreMultipliedOnEveryProcessor(MatrixProducts products) throws IOException {
    Engine engine = Engine.start(Device.CPU, 1, products, KernelListener.NONE);
    for (int rows = 1; rows < 6; rows++) {
      float[] x = whole(rows * WIDTH, 2);
      float[] w = whole(HEAD * WIDTH, 3);
      try (Tensor states = bf16(engine, x, rows);
          Tensor head = bf16(engine, w, HEAD);
          Tensor logits =
              engine.kernels().list("token_logits", List.of(states), List.of(head)).getFirst()) {
        assertThat(logits.toFloats()).isEqualTo(product(x, w, rows));
      }
    }
  }

  /// Numbers of which bf16 loses nothing, nor of their sums of products here.
  private static float[] whole(int count, int below) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (i * 7 + i / 5) % below - 1;
    }
    return values;
  }

  private static Tensor bf16(Engine engine, float[] values, int rows) {
    try (Tensor wide = engine.of(values, rows, WIDTH)) {
      return engine.kernels().one("to_host", wide, DType.BFLOAT16.scalarType());
    }
  }

  private static float[] product(float[] x, float[] w, int rows) {
    float[] y = new float[rows * HEAD];
    for (int i = 0; i < y.length; i++) {
      for (int k = 0; k < WIDTH; k++) {
        y[i] += x[i / HEAD * WIDTH + k] * w[i % HEAD * WIDTH + k];
      }
    }
    return y;
  }

  @Test
  void othersTakeWhatLibtorchTakes() {
    assertThat(MatrixProducts.best(Stream.of("vendor_id\t: GenuineIntel")))
        .isEqualTo(MatrixProducts.LIBTORCH);
    assertThat(MatrixProducts.best(Stream.of())).isEqualTo(MatrixProducts.LIBTORCH);
    assertThat(MatrixProducts.best(new Device.Cuda(0))).isEqualTo(MatrixProducts.LIBTORCH);
  }
}
