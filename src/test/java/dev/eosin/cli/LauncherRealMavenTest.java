package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.eosin.cli.terminal.ExitCode;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher with the Maven of this machine.
class LauncherRealMavenTest {
  @TempDir private Path folder;

  /// Fails at once. Debian's resets a terminal's colours when it ends, whatever it writes to.
  @Test
  void whatMavenWritesIntoAPipeHasNoEscapeCodes() throws Exception {
    Optional<Path> maven =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .map(entry -> Path.of(entry, "mvn"))
            .filter(Files::isExecutable)
            .findFirst();
    assumeThat(maven).as("a Maven on the PATH").isPresent();
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    sandbox.program(
        "mvn", "PATH='%s' exec %s \"$@\"\n".formatted(System.getenv("PATH"), maven.orElseThrow()));
    var result = sandbox.run(Map.of("EOSIN_JAVA_HOME", System.getProperty("java.home")), "info");
    assertThat(result.exitCode()).isEqualTo(ExitCode.OTHER);
    assertThat(result.err())
        .contains("[ERROR]", "the build failed")
        .doesNotContain(Character.toString(0x1b));
  }
}
