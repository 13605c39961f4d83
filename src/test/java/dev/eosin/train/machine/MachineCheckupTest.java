package dev.eosin.train.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.tensor.Allocator;
import dev.eosin.tensor.CudaObstacle;
import dev.eosin.train.machine.Finding.Verdict;
import dev.eosin.train.machine.MachineCheckup.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineCheckupTest {
  private static final long GIB = 1L << 30;

  @TempDir private Path folder;

  private MachineCheckup of(int java, long memory, boolean tuned, boolean gpu) {
    return new MachineCheckup(
        new Surroundings(
            java,
            4 * GIB,
            memory,
            Optional.of(65_536L),
            tuned,
            Allocator.SYSTEM,
            gpu,
            List.of(),
            "UTF-8"),
        folder);
  }

  @Test
  void theMachineThatRunsTheTestsCanTrain() throws IOException {
    List<Finding> findings = new MachineCheckup(Surroundings.inspect(), folder).findings();
    assertThat(findings)
        .extracting(Finding::subject)
        .contains("java", "libtorch", "gpu", "memory", "disk", "mpi");
    assertThat(findings)
        .filteredOn(finding -> finding.subject().equals("libtorch"))
        .allSatisfy(finding -> assertThat(finding.verdict()).isEqualTo(Verdict.FINE));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anOldJavaIsBrokenAndUntunedMallocIsOnlySlow() {
    assertThat(of(21, 16 * GIB, true, false).java().verdict()).isEqualTo(Verdict.BROKEN);
    assertThat(of(25, 16 * GIB, true, false).java().verdict()).isEqualTo(Verdict.FINE);
    Finding slow = of(25, 16 * GIB, false, false).launcher();
    assertThat(slow.verdict()).isEqualTo(Verdict.IMPROVABLE);
    assertThat(slow.mend().orElseThrow()).contains("./eosin");
  }

  @Test
  void anotherAllocatorIsRecommended() {
    Finding finding = of(25, 16 * GIB, true, false).allocator();
    assertThat(finding.verdict()).isEqualTo(Verdict.IMPROVABLE);
    assertThat(finding.mend().orElseThrow()).contains("libtcmalloc-minimal4");
  }

  @Test
  void aLocaleThatIsNotInstalledIsBroken() {
    assertThat(of(25, 16 * GIB, true, false).locale().verdict()).isEqualTo(Verdict.FINE);
    Finding ascii =
        new MachineCheckup(
                new Surroundings(
                    25,
                    4 * GIB,
                    16 * GIB,
                    Optional.empty(),
                    true,
                    Allocator.TCMALLOC,
                    false,
                    List.of(),
                    "ANSI_X3.4-1968"),
                folder)
            .locale();
    assertThat(ascii.verdict()).isEqualTo(Verdict.BROKEN);
    assertThat(ascii.mend().orElseThrow()).contains("LC_ALL=C.UTF-8");
  }

  @Test
  void aGpuThatLibtorchCannotUseIsBroken() {
    MachineCheckup checkup = of(25, 16 * GIB, true, true);
    var why = Optional.of(new CudaObstacle("all are hidden", "show one"));
    Finding unused = checkup.gpu(new ComputeSettings.Machine(2, true, 0, why));
    assertThat(unused.verdict()).isEqualTo(Verdict.BROKEN);
    assertThat(unused.found()).isEqualTo("this machine has an NVIDIA GPU, but all are hidden");
    assertThat(unused.mend().orElseThrow()).contains("show one", "compute.device=cpu");
    assertThat(checkup.gpu(new ComputeSettings.Machine(2, true, 1, Optional.empty())).verdict())
        .isEqualTo(Verdict.FINE);
    assertThat(checkup.gpu(new ComputeSettings.Machine(2, false, 0, why)).verdict())
        .isEqualTo(Verdict.FINE);
  }

  @Test
  void memoryAndRoomHaveALeastAndAComfortableSize() {
    assertThat(of(25, GIB, true, false).memory().verdict()).isEqualTo(Verdict.BROKEN);
    assertThat(of(25, 4 * GIB, true, false).memory().verdict()).isEqualTo(Verdict.IMPROVABLE);
    MachineCheckup checkup = of(25, 16 * GIB, true, false);
    assertThat(checkup.memory().verdict()).isEqualTo(Verdict.FINE);
    assertThat(checkup.room(GIB / 2).verdict()).isEqualTo(Verdict.BROKEN);
    assertThat(checkup.room(5 * GIB).verdict()).isEqualTo(Verdict.IMPROVABLE);
    assertThat(checkup.room(500 * GIB).verdict()).isEqualTo(Verdict.FINE);
    assertThat(checkup.openFiles(256).verdict()).isEqualTo(Verdict.IMPROVABLE);
  }

  @Test
  void aMissingDecoderCostsSpeedOnly() {
    MachineCheckup checkup = of(25, 16 * GIB, true, false);
    assertThat(checkup.jpeg(Optional.of("2.1.5")).verdict()).isEqualTo(Verdict.FINE);
    assertThat(checkup.jpeg(Optional.empty()).verdict()).isEqualTo(Verdict.IMPROVABLE);
    assertThat(checkup.jpeg(Optional.empty()).mend().orElseThrow()).contains("libturbojpeg0");
  }

  @Test
  void aFolderThatCannotBeWrittenIsBroken() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "not a folder");
    Finding disk = new MachineCheckup(of(25, 16 * GIB, true, false).surroundings(), file).disk();
    assertThat(disk.verdict()).isEqualTo(Verdict.BROKEN);
    assertThat(disk.found()).contains(file.toString());
  }

  @Test
  void aComplaintNeedsAMend() {
    assertThatThrownBy(() -> new Finding("disk", Verdict.BROKEN, "full", Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
