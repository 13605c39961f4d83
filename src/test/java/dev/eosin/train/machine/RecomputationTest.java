package dev.eosin.train.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecomputationTest {
  @ParameterizedTest
  @CsvSource({"keep, 0", "recompute, 1", "recompute every 2 blocks, 2"})
  void isReadAndWrittenInWords(String text, int every) {
    assertThat(Recomputation.parse(text)).isEqualTo(new Recomputation(every));
    assertThat(new Recomputation(every)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "none", "recompute every 0 blocks", "recompute every 2", "2"})
  void otherWordsAreRefusedWithTheRightOnes(String text) {
    assertThatThrownBy(() -> Recomputation.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'recompute every 2 blocks'");
  }

  @Test
  void everyOfOneIsEveryBlock() {
    assertThat(Recomputation.parse("recompute every 1 blocks")).isEqualTo(new Recomputation(1));
  }
}
