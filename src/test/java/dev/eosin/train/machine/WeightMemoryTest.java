package dev.eosin.train.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.model.StepLoad;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WeightMemoryTest {
  private static final List<Weight> WEIGHTS =
      List.of(
          Weight.zeros("trained", 10, 10),
          Weight.zeros("locked", 5, 5),
          Weight.zeros("mapped", 100, 10),
          Weight.scalar("wide", 0));

  private static StepLoad load(Map<String, Long> mapped) {
    return new StepLoad(
        Device.CPU, DType.BFLOAT16, BlockExecution.PLAIN, 1, Set.of("locked"), mapped);
  }

  @Test
  void mappedWeightsArePagesOfTheirFileAndNothingElse() {
    StepLoad load = load(Map.of("mapped", 4000L)); // fp32 in the file
    assertThat(load.isTrained(WEIGHTS.get(0))).isTrue();
    assertThat(load.isTrained(WEIGHTS.get(2))).isFalse();
    WeightMemory memory = WeightMemory.of(WEIGHTS, load, true);
    assertThat(memory.mapped()).isEqualTo(4000);
    assertThat(memory.parameters()).isEqualTo(2 * 125 + 4);
    assertThat(memory.masters()).isEqualTo(4 * 125);
    assertThat(memory.moments()).isEqualTo(8 * 101);
    assertThat(memory.average()).isEqualTo(4 * 101);
    assertThat(memory.total()).isEqualTo(4000 + 254 + 500 + 808 + 404);
    assertThat(WeightMemory.forwardOnly(WEIGHTS, load)).isEqualTo(4000 + 254);
  }

  @Test
  void withoutThemTheSameWeightIsTrained() {
    WeightMemory memory = WeightMemory.of(WEIGHTS, load(Map.of()), false);
    assertThat(memory.mapped()).isZero();
    assertThat(memory.moments()).isEqualTo(8 * 1101);
  }

  @Test
  void aPlanSaysSo() {
    StepLoad load = load(Map.of("mapped", 3L << 30));
    MemoryPlan plan =
        MemoryPlan.of(
            load,
            new MemoryPlan.Rows("rows", 1, 1),
            WeightMemory.of(WEIGHTS, load, false),
            List.of(),
            List.of(),
            List.of(),
            0);
    assertThat(plan.lines())
        .anyMatch(
            line -> line.matches("file pages +3.0 GiB +weights used in place in their files"));
    assertThat(plan.total()).isGreaterThan(3L << 30);
  }
}
