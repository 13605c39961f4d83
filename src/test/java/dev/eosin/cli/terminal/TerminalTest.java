package dev.eosin.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminalTest {
  @Test
  void theWidthIsWhatSttySays() {
    assertThat(Terminal.columns("24 132")).isEqualTo(132);
    assertThat(Terminal.columns("0 0")).isEqualTo(80);
    assertThat(Terminal.columns("")).isEqualTo(80);
    assertThat(Terminal.columns("stty: standard input: Not a typewriter")).isEqualTo(80);
  }

  @Test
  void nothingIsDrawnIntoAFileOrOnATerminalThatCannot(@TempDir Path folder) throws IOException {
    Path file = Files.createSymbolicLink(folder.resolve("1"), folder.resolve("log"));
    Path terminal = Files.createSymbolicLink(folder.resolve("2"), Path.of("/dev/pts/99"));
    assertThat(Terminal.draws(file, Map.of("TERM", "xterm"))).isFalse();
    assertThat(Terminal.draws(terminal, Map.of("TERM", "xterm"))).isTrue();
    assertThat(Terminal.draws(terminal, Map.of("TERM", "dumb"))).isFalse();
  }

  @Test
  void coloursAreForTerminalsOfThoseWhoWantThem() {
    assertThat(Colours.of(true, Map.of()).bad("x")).isEqualTo("\u001b[1;31mx\u001b[0m");
    assertThat(Colours.of(true, Map.of("NO_COLOR", "")).good("x")).contains("\u001b");
    assertThat(Colours.of(true, Map.of("NO_COLOR", "1")).bad("x")).isEqualTo("x");
    assertThat(Colours.of(false, Map.of()).strong("x")).isEqualTo("x");
  }

  @Test
  void somethingIsSaidOfTheWidthWhereThereIsNoTerminal() {
    Terminal terminal = new Terminal();
    assertThat(terminal.getAsInt()).isPositive().isEqualTo(terminal.getAsInt());
  }
}
