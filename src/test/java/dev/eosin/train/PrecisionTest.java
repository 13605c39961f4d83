package dev.eosin.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import org.junit.jupiter.api.Test;

class PrecisionTest {
  @Test
  void autoSaysWhatItTookAndWhy() {
    var gpu = new Device.Cuda(0);
    assertThat(Precision.AUTO.compute(Device.CPU)).isEqualTo(DType.FLOAT32);
    assertThat(Precision.AUTO.explain(Device.CPU)).contains("auto took fp32", "slower on a CPU");
    assertThat(Precision.AUTO.compute(gpu)).isEqualTo(DType.BFLOAT16);
    assertThat(Precision.AUTO.explain(gpu)).contains("auto took bf16", "GPU");
  }

  @Test
  void whatARecipeNamesIsTakenOnEveryDevice() {
    for (Device device : new Device[] {Device.CPU, new Device.Cuda(0)}) {
      assertThat(Precision.FP32.compute(device)).isEqualTo(DType.FLOAT32);
      assertThat(Precision.BF16.compute(device)).isEqualTo(DType.BFLOAT16);
      assertThat(Precision.FP16.compute(device)).isEqualTo(DType.FLOAT16);
      assertThat(Precision.FP16.explain(device)).contains("fp16", "as the recipe says");
    }
  }
}
