package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;



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
        rounded[row * IN + i] =
            scale == 0 ? 0 : (float) Math.rint(w[row * IN + i] / scale) * scale;
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
}
