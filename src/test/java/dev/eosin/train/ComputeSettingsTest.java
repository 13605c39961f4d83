package dev.eosin.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.CountOrAuto;
import dev.eosin.config.MachineException;
import dev.eosin.tensor.Device;
import dev.eosin.train.ComputeSettings.Machine;
import dev.eosin.train.ComputeSettings.Processor;
import org.junit.jupiter.api.Test;

class ComputeSettingsTest {
  private static final Machine PLAIN = new Machine(8, false, 0);
  private static final Machine GPU_WITH_CUDA = new Machine(8, true, 2);
  private static final Machine GPU_WITHOUT_CUDA = new Machine(8, true, 0);

  @Test
  void autoTakesTheFirstGpuThatLibtorchCanUse() {
    assertThat(settings(Processor.AUTO).device(GPU_WITH_CUDA)).isEqualTo(new Device.Cuda(0));
    assertThat(settings(Processor.AUTO).device(PLAIN)).isEqualTo(Device.CPU);
  }

  @Test
  void aGpuThatLibtorchCannotUseIsAnErrorUnlessTheCpuIsMeant() {
    assertThatThrownBy(() -> settings(Processor.AUTO).device(GPU_WITHOUT_CUDA))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("EOSIN_LIBTORCH")
        .hasMessageContaining("compute.device=cpu");
    assertThat(settings(Processor.CPU).device(GPU_WITHOUT_CUDA)).isEqualTo(Device.CPU);
  }

  @Test
  void aGpuThatIsNotThereCannotBeAskedFor() {
    assertThatThrownBy(() -> settings(Processor.CUDA).device(PLAIN))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("no NVIDIA GPU");
  }

  @Test
  void threadsAreTheCoresOrTheNumberGiven() {
    assertThat(settings(Processor.CPU).threads(PLAIN)).isEqualTo(8);
    var three = new ComputeSettings(Processor.CPU, new CountOrAuto.Count(3));
    assertThat(three.threads(PLAIN)).isEqualTo(3);
  }

  private static ComputeSettings settings(Processor device) {
    return new ComputeSettings(device, new CountOrAuto.Auto());
  }
}
