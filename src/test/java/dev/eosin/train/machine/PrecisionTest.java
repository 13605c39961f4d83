package dev.eosin.train.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.MatrixUnits;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecisionTest {
  @ParameterizedTest
  @CsvSource({
    "9, 0, BFLOAT16, 'bf16 with fp32 masters: the GPU (compute capability 9.0) has matrix units'",
    "8, 6, BFLOAT16, 'bf16 with fp32 masters: the GPU (compute capability 8.6) has matrix units'",
    "7, 5, FLOAT16, 'fp16 with fp32 masters and a loss scale: the GPU (compute capability 7.5) has'",
    "6, 1, FLOAT32, 'fp32: the GPU (compute capability 6.1) has no matrix units'"
  })
  void autoTakesWhatAGpuHasMatrixUnitsFor(int major, int minor, DType type, String why) {
    var capability = new MatrixUnits.Capability(major, minor);
    Precision.Choice choice = Precision.Choice.of(new MatrixUnits.Gpu(Optional.of(capability)));
    assertThat(choice.type()).isEqualTo(type);
    assertThat(choice.why()).startsWith(why);
  }

  @Test
  void autoSaysWhenTheDriverDoesNot() {
    Precision.Choice choice = Precision.Choice.of(new MatrixUnits.Gpu(Optional.empty()));
    assertThat(choice.type()).isEqualTo(DType.BFLOAT16);
    assertThat(choice.why()).contains("does not say", "set precision=fp16");
  }

  @ParameterizedTest
  @CsvSource({
    "fpu avx2, FLOAT32, fp32: bf16 is slower on a CPU without matrix units",
    "fpu avx512f avx512_bf16, FLOAT32, dot products of avx512_bf16 that this one has",
    "avx512_bf16 amx_tile amx_bf16, BFLOAT16, bf16 with fp32 masters: the CPU has matrix units"
  })
  void autoTakesWhatACpuHasMatrixUnitsFor(String flags, DType type, String why) {
    List<String> all = Arrays.asList(flags.split(" "));
    Precision.Choice choice = Precision.Choice.of(new MatrixUnits.Cpu(all));
    assertThat(choice.type()).isEqualTo(type);
    assertThat(choice.why()).contains(why);
  }

  @Test
  void autoLooksAtThisMachine() {
    Precision.Choice choice = Precision.Choice.of(MatrixUnits.of(Device.CPU));
    assertThat(Precision.AUTO.compute(Device.CPU)).isEqualTo(choice.type());
    assertThat(Precision.AUTO.explain(Device.CPU))
        .isEqualTo("precision: auto took " + choice.why());
    assertThat(MatrixUnits.of(new Device.Cuda(1_000)))
        .as("a GPU that no machine has")
        .isEqualTo(new MatrixUnits.Gpu(Optional.empty()));
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
