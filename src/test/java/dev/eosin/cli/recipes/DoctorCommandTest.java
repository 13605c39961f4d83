package dev.eosin.cli.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.train.machine.Finding;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// How `eosin doctor` puts what it found on a terminal.
class DoctorCommandTest {
  private static final Finding FINDING =
      new Finding(
          "allocator",
          Finding.Verdict.IMPROVABLE,
          "trainings on a CPU take more memory with the C library's malloc than with tcmalloc",
          Optional.of("install libtcmalloc-minimal4 (Debian, Ubuntu) or gperftools-libs (Fedora)"));

  @Test
  void linesBreakBetweenWordsAndStandUnderWhatWasFound() {
    String all = String.join("\n", DoctorCommand.lines(FINDING, 60));
    assertThat(all.lines()).allMatch(line -> line.length() <= 60);
    assertThat(all.lines().skip(1)).allMatch(line -> line.startsWith(" ".repeat(21)));
    assertThat(all.replaceAll("\\s+", " "))
        .isEqualTo(
            "better: allocator trainings on a CPU take more memory with the C library's malloc than"
                + " with tcmalloc -> install libtcmalloc-minimal4 (Debian, Ubuntu) or"
                + " gperftools-libs (Fedora)");
  }

  @Test
  void aPipeGetsOneLineForEach() {
    List<String> lines = DoctorCommand.lines(FINDING, Integer.MAX_VALUE);
    assertThat(lines).hasSize(2).noneMatch(line -> line.contains("\n"));
  }
}
