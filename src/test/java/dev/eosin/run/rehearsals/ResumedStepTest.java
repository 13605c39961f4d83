package dev.eosin.run.rehearsals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.MachineException;
import dev.eosin.train.ProductsOrAuto;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Processor;
import dev.eosin.train.machine.Recomputation;
import dev.eosin.train.machine.Sharding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumedStepTest {
  @TempDir private Path folder;

  /// The step moves the weights by 1 in the first of two directions.
  private ResumedStep resumedAt(float... weights) throws IOException {
    return new ResumedStep(
        checkpoint("before", 5, 5), checkpoint("in one go", 6, 5), checkpoint("again", weights));
  }

  private Path checkpoint(String name, float... weights) throws IOException {
    Path there = Files.createDirectories(folder.resolve(name));
    new SafetensorsWriter(Map.of())
        .add("w", TensorData.of(weights, weights.length))
        .write(there.resolve("model.safetensors"));
    return there;
  }

  @Test
  void equalFilesAreEqualWhateverIsPromised() throws IOException {
    assertThat(resumedAt(6, 5).judged(true)).endsWith("bit for bit");
    assertThat(resumedAt(6, 5).judged(false)).endsWith("bit for bit");
  }

  @Test
  void aSmallDifferenceIsRightOnlyWhereKernelsAddInAnyOrder() throws IOException {
    ResumedStep near = resumedAt(6, 5.05f);
    assertThat(near.judged(false)).contains("within 5.0e-02 of the step's length");
    assertThatThrownBy(() -> near.judged(true))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("model.safetensors of the resumed run differs");
  }

  @Test
  void aStepInAnotherDirectionIsWrongEverywhere() throws IOException {
    ResumedStep elsewhere = resumedAt(5, 6);
    assertThatThrownBy(() -> elsewhere.judged(false))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("1.41 of the step's length");
    ResumedStep nowhere = resumedAt(Float.NaN, 5);
    assertThatThrownBy(() -> nowhere.judged(false)).isInstanceOf(MachineException.class);
  }

  @Test
  void aCpuPromisesBitsAndAGpuWhereTheRecipeAsksForThem() {
    var cpu = new ComputeSettings(Processor.AUTO, new CountOrAuto.Auto());
    assertThat(ResumedStep.isExact(cpu, false)).isTrue();
    assertThat(ResumedStep.isExact(cpu, true)).isFalse();
    var deterministic =
        new ComputeSettings(
            Processor.CUDA,
            new CountOrAuto.Auto(),
            Recomputation.NONE,
            ComputeSettings.MemoryCheck.REFUSE,
            new ProductsOrAuto.Auto(),
            true,
            false,
            false,
            Sharding.NONE);
    assertThat(ResumedStep.isExact(deterministic, true)).isTrue();
  }
}
