package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.MachineException;
import dev.eosin.config.RecipeException;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.experiment.StepChoice;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.tensor.Device;
import dev.eosin.train.machine.MemoryPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `batch.micro: auto`, for any amount of free memory.
class MicroBatchTest {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final Device GPU = new Device.Cuda(0);

  @TempDir private Path folder;

  @Test
  void theWholeBatchGoesAtOnceWhereItFits() throws IOException {
    MicroBatch chosen = MicroBatch.of(memory(Device.CPU, 64 * GIB), Optional.empty());
    assertThat(chosen.recipe().batch().micro()).hasToString("Optional[512]");
    assertThat(chosen.note().orElseThrow())
        .startsWith("batch.micro: auto takes all 512 pairs at once, reckoned with ")
        .endsWith("; 64.0 GiB are free, of which a plan may take 80 %");
  }

  @Test
  void otherwiseTheLargestEqualPartsThatFit() throws IOException {
    MemoryCheck all = memory(Device.CPU, 64 * GIB);
    for (long free = 620 * MIB; free < 900 * MIB; free += 40 * MIB) {
      MicroBatch chosen = MicroBatch.of(memory(Device.CPU, free), Optional.empty());
      int atOnce = chosen.recipe().batch().atOnce();
      int parts = Math.ceilDiv(512, atOnce);
      assertThat(atOnce).as("parts of one size").isEqualTo(Math.ceilDiv(512, parts));
      long room = Math.round(MemoryCheck.COMFORTABLE_SHARE * free);
      assertThat(planned(all, atOnce)).isLessThanOrEqualTo(room);
      if (parts > 1) {
        assertThat(planned(all, Math.ceilDiv(512, parts - 1)))
            .as("one part fewer does not fit")
            .isGreaterThan(room);
      }
    }
  }

  @Test
  void moreIsLeftFreeWherePlansSayTooLittle() throws IOException {
    String again = "compute.activations=recompute";
    MemoryPlan plan = memory(Device.CPU, 64 * GIB, again, "batch.micro=512").plan();
    assertThat(plan.cautious()).isEqualTo(Math.round(1.5 * plan.total()));
    assertThat(plan.lines()).anyMatch(line -> line.contains("up to 1.50 times that"));
    long fits = Math.round(1.01 * plan.cautious() / MemoryCheck.COMFORTABLE_SHARE);
    assertThat(memory(Device.CPU, fits, again).atOnce()).isEqualTo(512);
    assertThat(memory(Device.CPU, fits * 9 / 10, again).atOnce()).isLessThan(512);
  }

  @Test
  void aRunThatResumesKeepsItsNumberWhereThatStillFits() throws IOException {
    ResolvedRecipe began = begun("batch.micro=100");
    MemoryCheck tight = memory(Device.CPU, planned(memory(Device.CPU, GIB), 100));
    MicroBatch kept = MicroBatch.of(tight, Optional.of(began));
    assertThat(kept.recipe().batch().atOnce()).isEqualTo(100);
    assertThat(kept.note())
        .contains("batch.micro: auto keeps 100 pairs at once, with which the run began");
    assertThat(tight.atOnce()).as("a new run would leave more free").isLessThan(100);
  }

  @Test
  void aRunThatBeganWithoutPartsGoesOnWithout() throws IOException {
    MicroBatch kept = MicroBatch.of(memory(GPU, 64 * GIB), Optional.of(begun()));
    assertThat(kept.recipe().batch().atOnce()).isEqualTo(512);
    assertThat(kept.note().orElseThrow()).contains("auto keeps 512 pairs");
  }

  @Test
  void onASmallerMachineItTakesFewerAndSaysSo() throws IOException {
    long needed = planned(memory(Device.CPU, GIB), 512);
    MicroBatch fewer = MicroBatch.of(memory(Device.CPU, needed - 1), Optional.of(begun()));
    assertThat(fewer.recipe().batch().atOnce()).isLessThan(512);
    assertThat(fewer.note().orElseThrow())
        .contains("the run went on with 512 before, which would need ")
        .endsWith("the same gradients, but not to the last bit");
  }

  @Test
  void aNumberInTheRecipeIsObeyed() throws IOException {
    MemoryCheck memory = memory(Device.CPU, 64 * GIB, "batch.micro=3");
    MicroBatch three = MicroBatch.of(memory, Optional.of(begun()));
    assertThat(three.recipe().batch().atOnce()).isEqualTo(3);
    assertThat(three.note()).isEmpty();
  }

  @Test
  void whereNothingFitsTheRunIsRefused() throws IOException {
    MemoryCheck none = memory(Device.CPU, MIB);
    assertThatThrownBy(() -> MicroBatch.of(none, Optional.empty()))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("this machine has 1.0 MiB: even batch.micro: 1 with ")
        .hasMessageContaining("take a smaller model");
    MemoryCheck daring = memory(Device.CPU, MIB, "compute.memory-check=skip");
    assertThat(MicroBatch.of(daring, Optional.empty()).recipe().batch().atOnce()).isEqualTo(1);
  }

  @Test
  void aGpuIsPlannedWithItsFreeMemoryAndRefusesToo() throws IOException {
    MemoryPlan plan = memory(GPU, 64 * GIB, "batch.micro=512").plan();
    assertThat(plan.total())
        .as("Java and batches in the making are in the machine's memory")
        .isEqualTo(
            plan.weights().parameters()
                + plan.weights().moments()
                + plan.step()
                + plan.fragments());
    MemoryCheck enough = memory(GPU, plan.total() * 2);
    assertThat(enough.atOnce()).isEqualTo(512);
    assertThat(enough.lines())
        .anyMatch(line -> line.contains("that are free on the GPU"))
        .anyMatch(line -> line.startsWith("batch.micro: auto takes all 512 pairs at once"))
        .anyMatch(line -> line.contains("never measured"));
    MemoryCheck half = memory(GPU, plan.total() / 2);
    assertThat(half.atOnce()).isLessThan(512);
    assertThatThrownBy(memory(GPU, plan.total() / 2, "batch.micro=512")::requireRoom)
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("the GPU has free " + MemoryPlan.size(plan.total() / 2))
        .hasMessageContaining(": batch.micro: " + half.atOnce() + " would need ")
        .hasMessageNotContaining("precision");
    assertThatThrownBy(memory(GPU, plan.total() - 1, "batch.micro=512")::refuse)
        .hasMessageContaining(", precision: bf16 would need ")
        .hasMessageContaining("; compute.memory-check: skip starts it nevertheless");
  }

  @Test
  void whereTheGpuIsNotHereNothingIsRefusedAndNothingGuessed() throws IOException {
    MemoryCheck away = MemoryCheck.of(recipe("batch.micro=auto"), GPU, Optional.empty());
    MicroBatch all = MicroBatch.of(away, Optional.empty());
    assertThat(all.recipe().batch().atOnce()).isEqualTo(512);
    assertThat(all.note().orElseThrow()).endsWith("how much memory is free is not known");
  }

  @Test
  void noPairsAtOnceAreRefused() {
    assertThatThrownBy(() -> recipe("batch.micro=0"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("must be at least 1, or auto");
  }

  /// The choice itself is the machine's: the folder says what it was, and the run can go on.
  @Test
  void aRunTellsAndStoresTheNumberItChose() throws IOException {
    SmallRun run = SmallRun.in(folder.resolve("chosen"));
    var notes = new SmallRun.Notes();
    run.train(5, notes, "batch.micro=auto", "compute.memory-check=skip");
    assertThat(notes.all()).anyMatch(note -> note.startsWith("batch.micro: auto takes "));
    String stored = Files.readString(run.folder().resolve("recipe.yaml"));
    assertThat(stored).containsPattern("micro: [1-8]\n").doesNotContain("micro: auto");
    var again = new SmallRun.Notes();
    run.train(SmallRun.TO_THE_END, again, "batch.micro=auto");
    assertThat(again.all())
        .anyMatch(note -> note.startsWith("batch.micro: auto keeps "))
        .noneMatch(note -> note.startsWith("changed since the run began: batch.micro"));
  }

  private static long planned(MemoryCheck memory, int atOnce) throws IOException {
    return memory.planner().plan(StepChoice.OF_RECIPE.withAtOnce(atOnce)).total();
  }

  private ResolvedRecipe begun(String... overrides) throws IOException {
    return recipe(overrides).resolved();
  }

  /// On a CPU so much is there; it is all free.
  private MemoryCheck memory(Device device, long free, String... overrides) throws IOException {
    List<String> all = new ArrayList<>(List.of("batch.micro=auto"));
    all.addAll(List.of(overrides));
    return MemoryCheck.of(
        recipe(all.toArray(String[]::new)), device, Optional.of(new MemoryCheck.Room(free, free)));
  }

  private TrainableRecipe recipe(String... overrides) throws IOException {
    List<String> all = new ArrayList<>(List.of("batch.global=512"));
    all.addAll(List.of(overrides));
    return TrainableRecipe.read(SmallRun.in(folder).recipe(), all);
  }
}
