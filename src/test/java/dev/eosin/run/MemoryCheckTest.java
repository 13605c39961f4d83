package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.MachineException;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.tensor.Device;
import dev.eosin.train.machine.MemoryPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryCheckTest {
  private static final long GIB = 1L << 30;

  @TempDir private Path folder;

  @Test
  void whatCannotFitIsRefusedWithABatchThatDoes() throws IOException {
    MemoryCheck memory = planned(3 * GIB / 2, "batch.global=16384");
    assertThatThrownBy(memory::refuse)
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("this recipe needs ")
        .hasMessageContaining("GiB of memory, this machine has 1.5 GiB: batch.micro: ")
        .hasMessageContaining(" would need ")
        .hasMessageEndingWith("compute.memory-check: skip starts it nevertheless");
  }

  @Test
  void whereNoBatchFitsAnotherModelIsAdvised() throws IOException {
    assertThatThrownBy(planned(1 << 20)::refuse)
        .hasMessageContaining("even batch.micro: 1 with compute.activations: recompute and lora: ")
        .hasMessageContaining("; take a smaller model");
  }

  @Test
  void aStartIsAllowedWithinThePlansError() throws IOException {
    long total = planned(GIB).plan().total();
    MemoryCheck slightlyTooMuch = planned(Math.round(total / 1.1));
    assertThatThrownBy(slightlyTooMuch::refuse).isInstanceOf(MachineException.class);
    assertThatCode(() -> slightlyTooMuch.refuseBeyond(1.15)).doesNotThrowAnyException();
  }

  @Test
  void aPlanForAGpuSaysThatItWasNeverMeasured() throws IOException {
    TrainableRecipe recipe = recipe();
    MemoryCheck memory = MemoryCheck.of(recipe, new Device.Cuda(0), Optional.empty());
    assertThat(memory.lines())
        .anyMatch(line -> line.contains("never measured"))
        .contains("No such GPU is here to compare with.");
    assertThatCode(memory::refuse).doesNotThrowAnyException();
  }

  /// Batches in the making are no array's size any more, and count beside a GPU.
  @Test
  void batchesInTheMakingHaveToFitTheMachineBesideAGpu() throws IOException {
    for (long pairs : new long[] {8_192, 16_384, 65_536}) {
      TrainableRecipe large =
          recipe("batch.global=" + pairs, "batch.micro=64", "data.image.size=224 px");
      MemoryCheck fits =
          MemoryCheck.of(large, new Device.Cuda(0), Optional.empty(), OptionalLong.of(64 * GIB));
      long ring = fits.plan().ring();
      assertThat(ring).isGreaterThan(3 * pairs * 3 * 224 * 224);
      assertThatCode(fits::refuse).doesNotThrowAnyException();
      MemoryCheck lacks =
          MemoryCheck.of(large, new Device.Cuda(0), Optional.empty(), OptionalLong.of(ring));
      assertThatThrownBy(lacks::refuse)
          .isInstanceOf(MachineException.class)
          .hasMessageContaining("of the machine's memory beside the GPU")
          .hasMessageContaining("batches of " + pairs + " pairs in the making")
          .hasMessageContaining("lower batch.global");
    }
  }

  /// Weights are whole on every rank, rows and what they keep are shared.
  @Test
  void aRankPlansForItsShareOfTheBatch() throws IOException {
    TrainableRecipe recipe = recipe("batch.global=4096", "compute.device=cpu");
    MemoryPlan alone = MemoryCheck.of(recipe, 1, 1).plan();
    MemoryPlan rank = MemoryCheck.of(recipe, 4, 4).plan();
    assertThat(alone.total()).isEqualTo(MemoryCheck.of(recipe).plan().total());
    assertThat(rank.rows().all()).isEqualTo(1024);
    assertThat(rank.atOnce()).isEqualTo(1024);
    assertThat(rank.ring()).isEqualTo(alone.ring() / 4);
    assertThat(rank.weights()).isEqualTo(alone.weights());
    assertThat(rank.parts().getFirst().kept()).isEqualTo(alone.parts().getFirst().kept() / 4);
    assertThat(rank.step()).isLessThan(alone.step() / 2);
  }

  @Test
  void ranksThatShareTheStatePlanForTheirPartOfIt() throws IOException {
    TrainableRecipe recipe = recipe("compute.device=cpu", "compute.sharding=optimizer");
    MemoryPlan alone = MemoryCheck.of(recipe, 1, 1).plan();
    MemoryPlan rank = MemoryCheck.of(recipe, 4, 4).plan();
    assertThat(rank.weights().moments()).isEqualTo(Math.ceilDiv(alone.weights().moments(), 4));
    assertThat(rank.weights().parameters()).isEqualTo(alone.weights().parameters());
    assertThat(rank.lines()).anyMatch(line -> line.endsWith("spread over 4 ranks"));
    assertThat(alone.lines()).noneMatch(line -> line.contains("spread"));
  }

  private MemoryCheck planned(long available, String... overrides) throws IOException {
    return MemoryCheck.of(
        recipe(overrides), Device.CPU, Optional.of(new MemoryCheck.Room(available, available)));
  }

  private TrainableRecipe recipe(String... overrides) throws IOException {
    return TrainableRecipe.read(SmallRun.in(folder).recipe(), List.of(overrides));
  }
}
