package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.tensor.CudaSurroundings.Driver;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CudaDriverTest {
  private final Arena arena = Arena.ofConfined();
  private final CudaDriver driver = new CudaDriver(new FakeCuda(0, arena));
  private final CudaRuntime runtime = new CudaRuntime(new FakeCuda(0, arena));

  @AfterEach
  void freeFunctions() {
    arena.close();
  }

  @Test
  void aGpuIsDescribedByDriverAndRuntime() {
    CudaGpu gpu = CudaGpu.of(1, Optional.of(driver), Optional.of(runtime));
    assertThat(gpu)
        .hasToString("cuda:1 Fake GPU 71, capability 9.6, 3.0 of 24.0 GiB free")
        .returns(OptionalLong.of(FakeCuda.FREE), CudaGpu::freeBytes);
    assertThat(CudaGpu.of(0, Optional.of(driver), Optional.empty()))
        .hasToString("cuda:0 Fake GPU 70, capability 8.6, an unknown part of 24.0 GiB free");
  }

  @Test
  void aGpuThatIsNotThereHasNothingToTell() {
    assertThat(CudaGpu.of(2, Optional.of(driver), Optional.of(runtime)))
        .isEqualTo(
            new CudaGpu(
                2, Optional.empty(), Optional.empty(), OptionalLong.empty(), OptionalLong.empty()));
  }

  @Test
  void aDriverWorksOrSaysWhyNot() {
    assertThat(driver.state()).isEqualTo(new Driver.Working(12_080));
    assertThat(CudaSurroundings.version(driver.state())).contains("12.8");
    CudaDriver broken = new CudaDriver(new FakeCuda(100, arena));
    assertThat(broken.state()).isEqualTo(new Driver.Refusing(100));
    assertThat(broken.capability(0)).isEmpty();
    assertThat(broken.name(0)).isEmpty();
    assertThat(CudaSurroundings.version(broken.state())).isEmpty();
    assertThat(new CudaDriver(name -> Optional.empty()).state()).isEqualTo(new Driver.Missing());
  }

  @Test
  void anOldRuntimeWithoutTheFunctionTellsNothing() {
    assertThat(new CudaRuntime(name -> Optional.empty()).freeMemory(0)).isEmpty();
  }
}
