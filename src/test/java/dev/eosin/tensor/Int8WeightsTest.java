package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Int8WeightsTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final int OUT = 37;
  private static final int IN = 45;

  private static float[] values(int count, int seed) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) Math.sin(1.7 * i + seed) * (1 + i % 5);
    }
    return values;
  }

  /// x wT by hand, each weight rounded to a 127th of its row's largest.
  private static float[] rounded(float[] w) {
    float[] rounded = new float[w.length];
    for (int row = 0; row < OUT; row++) {
      float most = 0;
      for (int i = 0; i < IN; i++) {
        most = Math.max(most, Math.abs(w[row * IN + i]));
      }
      float scale = most / 127;
      for (int i = 0; i < IN; i++) {
        rounded[row * IN + i] = scale == 0 ? 0 : (float) Math.rint(w[row * IN + i] / scale) * scale;
      }
    }
    return rounded;
  }

  @Test
  void eachRowIsWholeNumbersOfItsScale() {
    float[] w = values(OUT * IN, 1);
    Arrays.fill(w, 2 * IN, 3 * IN, 0);
    w[5 * IN] = -1000;
    float[] expected = rounded(w);
    for (long rows : new long[] {1, 4, OUT, 100}) {
      try (Tensor wide = ENGINE.of(w, OUT, IN)) {
        List<Tensor> made = ENGINE.kernels().list("int8_weight", wide, rows);
        try (Tensor integers = made.getFirst();
            Tensor scales = made.getLast();
            Tensor again = ENGINE.kernels().one("int8_wide", integers, scales)) {
          assertThat(integers.dtype()).isEqualTo(DType.INT8);
          assertThat(integers.shape()).containsExactly(OUT, IN);
          assertThat(scales.toFloats()).hasSize(OUT).contains(0, 1000f / 127);
          float[] found = again.toFloats();
          for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(1e-5f * Math.abs(w[i]) + 1e-12f));
          }
        }
      }
    }
  }

  /// Few rows of a width that libtorch's own product takes, few of another, and many.
  @ParameterizedTest
  @CsvSource({"1,64,8", "5,128,12", "16,64,4", "17,64,8", "3,72,8", "3,64,6"})
  void productsAreThoseOfTheRoundedWeight(int rows, int in, int out) {
    float[] x = values(rows * in, 2);
    float[] d = values(rows * out, 3);
    try (Tensor wide = ENGINE.of(values(out * in, 1), out, in);
        Tensor input = ENGINE.of(x, rows, in);
        Tensor gradient = ENGINE.of(d, rows, out)) {
      List<Tensor> made = ENGINE.kernels().list("int8_weight", wide, 3);
      try (Tensor integers = made.getFirst();
          Tensor scales = made.getLast();
          Tensor weight = ENGINE.kernels().one("int8_wide", integers, scales);
          Tensor y = ENGINE.kernels().one("times_int8", input, integers, scales);
          Tensor graph = ENGINE.kernels().one("times_int8_graph", input, integers, scales);
          Tensor dx = ENGINE.kernels().one("times_int8_input", gradient, integers, scales)) {
        float[] w = weight.toFloats();
        for (int row = 0; row < rows; row++) {
          for (int o = 0; o < out; o++) {
            double sum = 0;
            double size = 0;
            for (int i = 0; i < in; i++) {
              sum += (double) x[row * in + i] * w[o * in + i];
              size += Math.abs((double) x[row * in + i] * w[o * in + i]);
            }
            // bf16 has 8 bits.
            assertThat((double) y.toFloats()[row * out + o]).isCloseTo(sum, within(size / 256));
            assertThat((double) graph.toFloats()[row * out + o])
                .isCloseTo(sum, within(1e-5 * size));
          }
          for (int i = 0; i < in; i++) {
            double sum = 0;
            for (int o = 0; o < out; o++) {
              sum += (double) d[row * out + o] * w[o * in + i];
            }
            assertThat((double) dx.toFloats()[row * in + i]).isCloseTo(sum, within(1e-3));
          }
        }
      }
    }
  }
}
