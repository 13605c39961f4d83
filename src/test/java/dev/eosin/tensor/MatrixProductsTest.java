package dev.eosin.tensor;

import static dev.eosin.tensor.MatrixProducts.Library.LIBTORCH;
import static dev.eosin.tensor.MatrixProducts.Library.ONEDNN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatrixProductsTest {
  private static final int WIDTH = 32;
  private static final int HEAD = 7;

  @Test
  void amdProcessorsTakeOneDnn() {
    assertThat(MatrixProducts.usual(List.of("processor\t: 0", "vendor_id\t: AuthenticAMD")))
        .isEqualTo(MatrixProducts.ONEDNN);
  }

  @Test
  void wordsAreReadBack() {
    for (MatrixProducts products : MatrixProducts.EVERY) {
      assertThat(MatrixProducts.parse(products.toString())).isEqualTo(products);
    }
    assertThat(MatrixProducts.EVERY).hasSize(8).doesNotHaveDuplicates();
    assertThat(MatrixProducts.parse("onednn,onednn,libtorch"))
        .isEqualTo(new MatrixProducts(ONEDNN, ONEDNN, LIBTORCH))
        .hasToString("onednn,onednn,libtorch");
    assertThat(MatrixProducts.parse("OneDNN")).hasToString("onednn");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "mkl", "onednn,libtorch", "onednn,,onednn", "auto"})
  void otherWordsAreRefused(String words) {
    assertThatThrownBy(() -> MatrixProducts.parse(words))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'%s'".formatted(words), "libtorch", "onednn");
  }

  @Test
  void processorsAreToldApart() {
    assertThat(
            MatrixProducts.processor(
                List.of(
                    "processor\t: 0",
                    "vendor_id\t: AuthenticAMD",
                    "cpu family\t: 25",
                    "model\t\t: 1",
                    "model name\t: AMD EPYC",
                    "stepping\t: 1",
                    "processor\t: 1",
                    "model name\t: AMD EPYC")))
        .isEqualTo("AMD EPYC 25 1 1");
    assertThat(MatrixProducts.processor(List.of())).isEmpty();
  }

  private static ProductRates.Pair pair(double libtorch, double oneDnn) {
    return new ProductRates.Pair(
        new ProductRates.Rate(libtorch, libtorch), new ProductRates.Rate(oneDnn, oneDnn));
  }

  @Test
  void whatIsClearlyFasterIsTaken() {
    var rates = new ProductRates(pair(100, 104), pair(100, 106), pair(106, 100));
    assertThat(rates.choice(MatrixProducts.LIBTORCH))
        .isEqualTo(new MatrixProducts(LIBTORCH, ONEDNN, LIBTORCH));
    assertThat(rates.choice(MatrixProducts.ONEDNN))
        .isEqualTo(new MatrixProducts(ONEDNN, ONEDNN, LIBTORCH));
    assertThat(rates.told())
        .contains("x wT 104 and 100 (104 and 100 by processor time), d w 106 and 100 (");
  }

  @Test
  void aGainByTheClockAloneIsABusyMachines() {
    var slow = new ProductRates.Rate(50, 100);
    var fast = new ProductRates.Rate(100, 100);
    var disturbed = new ProductRates.Pair(fast, slow);
    var rates = new ProductRates(disturbed, disturbed, new ProductRates.Pair(slow, fast));
    assertThat(rates.choice(MatrixProducts.ONEDNN)).isEqualTo(MatrixProducts.ONEDNN);
    assertThat(rates.choice(MatrixProducts.LIBTORCH)).isEqualTo(MatrixProducts.LIBTORCH);
  }

  @Test
  void thisMachinesProductsAreTimed() {
    assertThat(ProductRates.measure(2).areRates()).isTrue();
    assertThat(new ProductRates(pair(1, 1), pair(0, 1), pair(1, 1)).areRates()).isFalse();
    assertThat(new ProductRates(pair(1, 1), pair(1, Double.NaN), pair(1, 1)).areRates()).isFalse();
  }

  /// oneDNN has no bf16 product where the processor has no instructions for one.
  @ParameterizedTest
  @ValueSource(strings = {"libtorch", "onednn", "onednn,libtorch,onednn"})
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
    assertThat(MatrixProducts.usual(List.of("vendor_id\t: GenuineIntel")))
        .isEqualTo(MatrixProducts.LIBTORCH);
    assertThat(MatrixProducts.usual(List.of())).isEqualTo(MatrixProducts.LIBTORCH);
    assertThat(MatrixProducts.usual(new Device.Cuda(0))).isEqualTo(MatrixProducts.LIBTORCH);
  }
}
