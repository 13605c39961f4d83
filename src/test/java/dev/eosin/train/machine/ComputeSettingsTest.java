package dev.eosin.train.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.eosin.config.CountOrAuto;
import dev.eosin.config.MachineException;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.tensor.CudaObstacle;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.train.machine.ComputeSettings.Machine;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComputeSettingsTest {
  private static final CudaObstacle HIDDEN = new CudaObstacle("all are hidden", "show one");
  private static final Machine PLAIN = new Machine(8, false, 0, Optional.of(HIDDEN));
  private static final Machine GPU_WITH_CUDA = new Machine(8, true, 2, Optional.empty());
  private static final Machine UNUSABLE_GPU = new Machine(8, true, 0, Optional.of(HIDDEN));

  @Test
  void autoTakesTheFirstGpuThatLibtorchCanUse() {
    assertThat(settings(Processor.AUTO).device(GPU_WITH_CUDA)).isEqualTo(new Device.Cuda(0));
    assertThat(settings(Processor.AUTO).device(PLAIN)).isEqualTo(Device.CPU);
  }

  @Test
  void aGpuThatLibtorchCannotUseIsAnErrorUnlessTheCpuIsMeant() {
    assertThatThrownBy(() -> settings(Processor.AUTO).device(UNUSABLE_GPU))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("has an NVIDIA GPU, but all are hidden; show one")
        .hasMessageContaining("compute.device=cpu");
    assertThat(settings(Processor.CPU).device(UNUSABLE_GPU)).isEqualTo(Device.CPU);
  }

  @Test
  void aGpuThatIsNotThereCannotBeAskedFor() {
    assertThatThrownBy(() -> settings(Processor.CUDA).device(PLAIN))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("no NVIDIA GPU")
        .hasMessageNotContaining("hidden");
  }

  @Test
  void whatIsMeantIsCheckedBeforeARun() {
    assertThat(settings(Processor.CPU).check(true)).startsWith("the CPU, ");
    assertThat(settings(Processor.AUTO).check(false)).startsWith("the CPU, ");
    assumeTrue(Engine.cudaDevices() == 0, "for machines without a GPU that libtorch can use");
    assertThatThrownBy(() -> settings(Processor.CUDA).check(false))
        .isInstanceOf(MachineException.class);
  }

  @Test
  void threadsAreTheCoresOrTheNumberGiven() {
    assertThat(settings(Processor.CPU).threads(PLAIN)).isEqualTo(8);
    var three = new ComputeSettings(Processor.CPU, new CountOrAuto.Count(3));
    assertThat(three.threads(PLAIN)).isEqualTo(3);
  }

  @Test
  void oneOfSeveralGpusIsTakenByItsNumber() {
    assertThat(settings(Processor.parse("cuda:1")).device(GPU_WITH_CUDA))
        .isEqualTo(new Device.Cuda(1));
    assertThat(settings(Processor.parse("cuda")).device(GPU_WITH_CUDA))
        .isEqualTo(new Device.Cuda(0));
    assertThatThrownBy(() -> settings(Processor.parse("cuda:2")).device(GPU_WITH_CUDA))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("cuda:2 was asked for, but this process sees 2 GPUs")
        .hasMessageContaining("the last is cuda:1", "CUDA_VISIBLE_DEVICES");
  }

  @Test
  void ranksTakeOneGpuEachAndNoneIsNamedForAll() throws Exception {
    Device.Cuda named = new Device.Cuda(1);
    assertThat(ComputeSettings.own(named, GPU_WITH_CUDA, Group.ALONE)).isEqualTo(named);
    assertThat(
            LocalRanks.run(
                2, group -> ComputeSettings.own(new Device.Cuda(0), GPU_WITH_CUDA, group)))
        .containsOnly(new Device.Cuda(0));
    assertThatThrownBy(
            () -> LocalRanks.run(2, group -> ComputeSettings.own(named, GPU_WITH_CUDA, group)))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("cuda:1 names one GPU, but 2 ranks take one each; say cuda");
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "cpu", "cuda", "cuda:1", "cuda:15"})
  void aDeviceIsReadAsItIsWritten(String text) {
    assertThat(Processor.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gpu", "cuda:", "cuda:-1", "cuda:100", "cuda1", "mps"})
  void noOtherDeviceIsKnown(String text) {
    assertThatThrownBy(() -> Processor.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is no device; write auto, cpu, cuda");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":4096:2", "none"})
  void withoutCublasWorkspaceNothingIsDeterministic(String workspace) {
    assertThatThrownBy(() -> ComputeSettings.requireWorkspace(Optional.of(workspace)))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("CUBLAS_WORKSPACE_CONFIG", "./eosin");
    assertThatThrownBy(() -> ComputeSettings.requireWorkspace(Optional.empty()))
        .hasMessageContaining("it is not set");
    assertThatCode(() -> ComputeSettings.requireWorkspace(Optional.of(":4096:8")))
        .doesNotThrowAnyException();
  }

  private static ComputeSettings settings(Processor device) {
    return new ComputeSettings(device, new CountOrAuto.Auto());
  }
}
