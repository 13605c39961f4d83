package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.tensor.CudaSurroundings.Driver;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CudaObstacleTest {
  private static final Driver GOOD = new Driver.Working(12_080);
  private static final String UNSET = "not set";
  private static final Driver NO_DEVICE = new Driver.Refusing(100);

  private static CudaObstacle of(boolean cuda, String visible, Driver driver) {
    return CudaObstacle.of(
        new CudaSurroundings(
            cuda, Optional.of(12), Optional.of(visible).filter(set -> !set.equals(UNSET)), driver));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "NoDevFiles"})
  void hiddenGpusAreTheCauseWhateverElseIsWrong(String visible) {
    for (boolean cuda : new boolean[] {true, false}) {
      assertThat(of(cuda, visible, NO_DEVICE).found())
          .isEqualTo(
              "CUDA_VISIBLE_DEVICES is '%s', which hides every GPU from this process"
                  .formatted(visible));
    }
  }

  @Test
  void aLibtorchForTheCpuIsToldFromADriverThatIsNotThere() {
    assertThat(of(false, "0", GOOD).found()).isEqualTo("the libtorch in use has no CUDA");
    assertThat(of(false, UNSET, GOOD).mend()).contains("EOSIN_LIBTORCH", "fetch libtorch-cuda");
    assertThat(of(true, UNSET, new Driver.Missing()).found()).contains("libcuda.so.1");
    assertThat(of(true, UNSET, new Driver.Missing()).mend()).contains("--gpus all");
  }

  @Test
  void aDriverThatIsTooOldSaysWhatItKnowsAndWhatIsNeeded() {
    CudaObstacle old = of(true, UNSET, new Driver.Working(11_040));
    assertThat(old.found()).contains("too old", "knows CUDA 11.4", "built for CUDA 12");
    assertThat(old.mend()).contains("update the driver");
    assertThat(of(true, UNSET, GOOD).found()).contains("works (CUDA 12.8)", "sees no GPU");
  }

  @Test
  void aDriverWithoutAGpuIsAskedWhichOneWasNamed() {
    assertThat(of(true, "7", NO_DEVICE).found()).contains("'7'", "names no GPU");
    assertThat(of(true, UNSET, NO_DEVICE).found()).isEqualTo("NVIDIA's driver sees no GPU");
    assertThat(of(true, "0", new Driver.Refusing(803)).found()).contains("cuInit returns 803");
  }

  @Test
  void theFlavourOfALibtorchNamesItsCuda() {
    assertThat(CudaSurroundings.flavourMajor("cu128")).contains(12);
    assertThat(CudaSurroundings.flavourMajor("cu130")).contains(13);
    assertThat(CudaSurroundings.flavourMajor("cpu")).isEmpty();
    assertThat(CudaSurroundings.flavourMajor("")).isEmpty();
  }
}
