package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class ScalarReadsTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);

  @Test
  void aNumberIsTheOneThatWasThereWhenItWasAskedFor() {
    long before = ENGINE.openTensors();
    try (Tensor scalar = ENGINE.scalar(3);
        Tensor one = ENGINE.of(new float[] {5}, 1, 1);
        ScalarReads together = ScalarReads.together(ENGINE);
        ScalarReads atOnce = ScalarReads.atOnce()) {
      DoubleSupplier first = together.read(scalar);
      DoubleSupplier now = atOnce.read(scalar);
      ENGINE.kernels().run("fill", scalar, 4.0);
      DoubleSupplier second = together.read(scalar);
      DoubleSupplier other = together.read(one);
      assertThat(now.getAsDouble()).isEqualTo(3);
      assertThatThrownBy(first::getAsDouble)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("asked for a number before it was taken");
      together.take();
      assertThat(first.getAsDouble()).isEqualTo(3);
      assertThat(second.getAsDouble()).isEqualTo(4);
      assertThat(other.getAsDouble()).isEqualTo(5);
      assertThatThrownBy(() -> together.read(one)).isInstanceOf(IllegalStateException.class);
    }
    assertThat(ENGINE.openTensors()).isEqualTo(before);
  }

  @Test
  void whatIsNeverTakenIsClosed() {
    long before = ENGINE.openTensors();
    try (Tensor scalar = ENGINE.scalar(3);
        ScalarReads together = ScalarReads.together(ENGINE)) {
      together.read(scalar);
    }
    assertThat(ENGINE.openTensors()).isEqualTo(before);
  }
}
