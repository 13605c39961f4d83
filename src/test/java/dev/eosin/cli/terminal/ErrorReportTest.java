package dev.eosin.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.InvalidPathException;
import org.junit.jupiter.api.Test;

class ErrorReportTest {
  @Test
  void aNameThatNoPathMayHaveIsNoInternalError() {
    InvalidPathException path = new InvalidPathException("caf\u00e9.png", "Malformed input");
    for (Throwable failure :
        new Throwable[] {path, new IllegalStateException("a row failed", path)}) {
      ErrorReport report = ErrorReport.of(failure);
      assertThat(report.bug()).isFalse();
      assertThat(report.exitCode()).isEqualTo(ExitCode.DATA);
      assertThat(report.message())
          .contains("'caf\u00e9.png' cannot be a path (Malformed input", "LC_ALL=C.UTF-8");
    }
    assertThat(ErrorReport.of(new IllegalStateException("ours")).bug()).isTrue();
  }
}
