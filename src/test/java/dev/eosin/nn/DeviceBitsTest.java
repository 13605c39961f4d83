package dev.eosin.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Dropout of adapters as a GPU draws it, drawn here by the same kernel on a CPU.
class DeviceBitsTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final RandomKey KEY = new RandomKey(11);
  private static final int INPUTS = 100;

  private static float[] bits(AdapterDropout rows, int layer, boolean oneRow, long... lengths) {
    try (Tensor drawn = rows.drawnThere(ENGINE, "image", layer, INPUTS, 0.25, oneRow, lengths)) {
      assertThat(drawn.shape())
          .containsExactly(
              oneRow ? 1 : lengths.length, oneRow ? Arrays.stream(lengths).sum() : lengths[0], 16);
      return drawn.toFloats();
    }
  }

  @Test
  void aRowsBitsAreItsOwnWhateverStandsBesideIt() {
    float[] three = bits(new AdapterDropout(KEY, 5, 9, 2), 1, false, 7, 7, 7);
    float[] alone = bits(new AdapterDropout(KEY, 9), 1, false, 7);
    int row = 7 * 16;
    assertThat(Arrays.copyOfRange(three, row, 2 * row)).containsExactly(alone);
    assertThat(Arrays.copyOfRange(three, 0, row)).isNotEqualTo(alone);
    float[] inOne = bits(new AdapterDropout(KEY, 5, 9), 1, true, 3, 7);
    assertThat(Arrays.copyOfRange(inOne, 3 * 16, 10 * 16)).containsExactly(alone);
    assertThat(bits(new AdapterDropout(KEY, 9), 2, false, 7)).isNotEqualTo(alone);
    assertThat(bits(new AdapterDropout(new RandomKey(12), 9), 1, false, 7)).isNotEqualTo(alone);
  }

  /// More rows than are drawn at a time, of different lengths.
  @Test
  void manyRowsAreDrawnInPartsWithTheSameBits() {
    long[] positions = LongStream.range(0, 131).toArray();
    long[] lengths = LongStream.of(positions).map(row -> 1 + row % 5).toArray();
    float[] together = bits(new AdapterDropout(KEY, positions), 1, true, lengths);
    int place = 0;
    for (int row = 0; row < positions.length; row++) {
      float[] alone = bits(new AdapterDropout(KEY, row), 1, false, lengths[row]);
      assertThat(Arrays.copyOfRange(together, place, place + alone.length))
          .as("row %d", row)
          .containsExactly(alone);
      place += alone.length;
    }
    assertThat(together).hasSize(place);
  }

  @Test
  void theShareIsLeftOut() {
    float[] bytes = bits(new AdapterDropout(KEY, 1, 2, 3, 4), 0, false, 50, 50, 50, 50);
    long ones = 0;
    for (float value : bytes) {
      ones += Integer.bitCount((int) value);
    }
    assertThat((double) ones / (8L * bytes.length)).isCloseTo(0.25, within(0.01));
  }

  /// Bit i of the bytes says of element i what the mask of `left_out` says.
  @Test
  void theBitsAreThoseOfTheMask() {
    long seed = -7;
    try (Tensor seeds = ENGINE.of(new long[] {seed}, 1);
        Tensor bits = ENGINE.kernels().one("bits_left_out", seeds, new long[] {3}, 2, 0.25, false);
        Tensor mask = ENGINE.kernels().one("left_out", seeds, new long[] {1, 3, 16}, 0.25)) {
      float[] packed = bits.toFloats();
      float[] out = mask.toFloats();
      for (int i = 0; i < out.length; i++) {
        assertThat((int) packed[i / 8] >> i % 8 & 1).as("element %d", i).isEqualTo((int) out[i]);
      }
    }
  }
}
