package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalTest {
  @Test
  void theWidthIsWhatSttySays() {
    assertThat(Terminal.columns("24 132")).isEqualTo(132);
    assertThat(Terminal.columns("0 0")).isEqualTo(80);
    assertThat(Terminal.columns("")).isEqualTo(80);
    assertThat(Terminal.columns("stty: standard input: Not a typewriter")).isEqualTo(80);
  }

  @Test
  void somethingIsSaidOfTheWidthWhereThereIsNoTerminal() {
    Terminal terminal = new Terminal();
    assertThat(terminal.getAsInt()).isPositive().isEqualTo(terminal.getAsInt());
  }
}
