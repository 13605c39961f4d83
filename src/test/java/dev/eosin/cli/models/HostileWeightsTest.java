package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.ParityCase;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Golden case checkpoints, the hostile and malformed files: every command that reads weights ends
/// with exit code 3 and one line that names the file and the reason.
@Tag("parity")
class HostileWeightsTest {
  private static final Path PWNED = Path.of("/tmp/pwned");

  @TempDir private Path folder;

  static List<Path> hostileFiles() throws IOException {
    Path hostile = ParityCase.open("checkpoints").file("hostile");
    try (Stream<Path> files = Files.list(hostile)) {
      List<Path> bad = files.filter(file -> !file.endsWith("verdicts.json")).sorted().toList();
      assertThat(bad).isNotEmpty();
      return bad;
    }
  }

  @ParameterizedTest
  @MethodSource("hostileFiles")
  void inspectRefusesInOneLine(Path file) {
    assertRefused(file, CommandRun.of("inspect", file));
    assertRefused(file, CommandRun.of("inspect", "--json", file));
  }

  @ParameterizedTest
  @MethodSource("hostileFiles")
  void convertRefusesInOneLineAndWritesNothing(Path file) {
    Path out = folder.resolve("out");
    assertRefused(
        file, CommandRun.of("convert", file, "--to", "eosin", "--preset", "vit-b-32", out));
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @MethodSource("hostileFiles")
  void mergeRefusesInOneLineAndWritesNothing(Path file) {
    Path good = ParityCase.open("checkpoints").file("model.safetensors");
    Path out = folder.resolve("out.safetensors");
    assertRefused(file, CommandRun.of("merge", good, file, "--out", out));
    assertThat(folder).isEmptyDirectory();
  }

  private static void assertRefused(Path file, CommandRun run) {
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("eosin: " + file + ": ").hasLineCount(1);
    assertThat(run.err().length()).isGreaterThan(("eosin: " + file + ": \n").length() + 10);
    assertThat(PWNED).as("something was run").doesNotExist();
  }
}
