package dev.eosin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityCaseTest {
  @TempDir Path cases;

  @Test
  void casesThatBelongTogetherComeFromOneFolder() throws IOException {
    // A name that the repository's own cases have, too.
    Path other = Files.createDirectory(cases.resolve("tokenizer-bert"));
    ParityCase derived = new ParityCase("derived", Files.createDirectory(cases.resolve("derived")));
    assertThat(derived.beside("tokenizer-bert").folder()).isEqualTo(other);
    assertThat(ParityCase.own("tokenizer-bert").folder()).isNotEqualTo(other);
  }

  @Test
  void whatIsMissingIsNamedAndNotTakenFromElsewhere() {
    ParityCase derived = new ParityCase("derived", cases.resolve("derived"));
    assertThatThrownBy(() -> derived.beside("tokenizer-bert"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(cases.resolve("tokenizer-bert").toString());
    assertThatThrownBy(() -> derived.file("config.json"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(cases.resolve("derived/config.json").toString());
  }
}
