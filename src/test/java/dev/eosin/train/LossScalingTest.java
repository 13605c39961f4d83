package dev.eosin.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.tensor.DType;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LossScalingTest {
  private static CheckpointState state(long step, Map<String, String> more) {
    return new CheckpointState(
        step, step, step, 1, OptionalLong.empty(), OptionalDouble.empty(), Optional.empty(), more);
  }

  @Test
  void theScaleDoublesAfterTwoThousandGoodStepsInARow() {
    LossScaling scaling = LossScaling.of(DType.FLOAT16, state(0, Map.of()));
    assertThat(scaling.scale()).isEqualTo(65_536);
    for (int step = 0; step < 1_999; step++) {
      scaling = scaling.afterUpdate();
    }
    scaling = scaling.afterOverflow().orElseThrow();
    assertThat(scaling.scale()).isEqualTo(32_768);
    for (int step = 0; step < 1_999; step++) {
      scaling = scaling.afterUpdate();
      assertThat(scaling.scale()).isEqualTo(32_768);
    }
    assertThat(scaling.afterUpdate().scale()).isEqualTo(65_536);
    assertThat(scaling.skippedSteps()).isEqualTo(1);
  }

  @Test
  void aRunGoesOnWithTheScaleAndTheCountsItHad() {
    LossScaling scaling = LossScaling.of(DType.FLOAT16, state(0, Map.of()));
    for (int step = 0; step < 7; step++) {
      scaling = step == 3 ? scaling.afterOverflow().orElseThrow() : scaling.afterUpdate();
    }
    CheckpointState saved = state(7, scaling.state());
    assertThat(LossScaling.of(DType.FLOAT16, saved)).isEqualTo(scaling);
    assertThat(LossScaling.updates(saved)).isEqualTo(6);
  }

  @Test
  void belowAScaleOfOneNothingHelps() {
    LossScaling scaling = LossScaling.of(DType.FLOAT16, state(0, Map.of()));
    for (int halving = 0; halving < 16; halving++) {
      scaling = scaling.afterOverflow().orElseThrow();
    }
    assertThat(scaling.scale()).isEqualTo(1);
    assertThat(scaling.afterOverflow()).isEmpty();
  }

  @Test
  void bf16AndFp32NeedNoScaleAndForgiveNothing() {
    for (DType compute : new DType[] {DType.FLOAT32, DType.BFLOAT16}) {
      LossScaling scaling = LossScaling.of(compute, state(5, Map.of()));
      assertThat(scaling.scale()).isEqualTo(1);
      assertThat(scaling.afterUpdate()).isEqualTo(scaling);
      assertThat(scaling.afterOverflow()).isEmpty();
      assertThat(LossScaling.updates(state(5, scaling.state()))).isEqualTo(5);
    }
  }
}
