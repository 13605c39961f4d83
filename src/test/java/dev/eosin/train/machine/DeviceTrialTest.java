package dev.eosin.train.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.train.machine.Finding.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceTrialTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);

  @Test
  void theCpuIsExactlyItselfInFp32AndNearItInBf16() {
    DeviceTrial trial = DeviceTrial.of(ENGINE);
    assertThat(trial.exact()).isZero();
    assertThat(trial.narrow()).isBetween(1e-4, DeviceTrial.MOST_NARROW);
    assertThat(trial.update()).isZero();
    assertThat(trial.isRight()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"1e-3, 1e-2, 0", "0, 0.1, 0", "0, 1e-2, 1e-4", "NaN, 1e-2, 0", "0, NaN, 0"})
  void aDeviceThatComputesSomethingElseIsBroken(double exact, double narrow, double update) {
    Finding finding = MachineCheckup.computes(ENGINE, new DeviceTrial(exact, narrow, update));
    assertThat(finding.verdict()).isEqualTo(Verdict.BROKEN);
    assertThat(finding.mend().orElseThrow()).contains("2.7.1", "compute.device=cpu");
  }
}
