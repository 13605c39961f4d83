package dev.eosin.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.tensor.DType;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

  /// Recorded from torch's GradScaler: the steps that overflow, the scale after each change, and
  /// the updates that its optimiser did. The scale of one fixture goes below Eosin's smallest.
  @ParameterizedTest
  @MethodSource("replays")
  void theScaleGoesWhereTorchsGoes(JsonNode replay) {
    LossScaling scaling =
        new LossScaling.Dynamic(replay.get("scales").get(0).get(1).doubleValue(), 0, 0);
    int change = 1;
    for (int step = 0; step < replay.get("steps").intValue(); step++) {
      Optional<LossScaling> next =
          overflows(replay, step) ? scaling.afterOverflow() : Optional.of(scaling.afterUpdate());
      JsonNode changed = replay.get("scales").get(change);
      if (changed != null && changed.get(0).intValue() == step + 1) {
        change++;
      }
      double wanted = replay.get("scales").get(change - 1).get(1).doubleValue();
      if (next.isEmpty()) {
        assertThat(wanted).isLessThan(1);
        return;
      }
      scaling = next.get();
      assertThat(scaling.scale()).as("scale after step %d", step).isEqualTo(wanted);
    }
    assertThat(change).isEqualTo(replay.get("scales").size());
    assertThat(replay.get("steps").intValue() - scaling.skippedSteps())
        .isEqualTo(replay.get("updates").intValue());
  }

  static Stream<JsonNode> replays() throws IOException {
    ParityCase files = ParityCase.open("openclip-train-precision");
    return new ObjectMapper()
        .readTree(files.file("expected.json").toFile())
        .get("scaler")
        .valueStream();
  }

  private static boolean overflows(JsonNode replay, int step) {
    return replay.get("overflows").valueStream().anyMatch(each -> each.intValue() == step);
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
