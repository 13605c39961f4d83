package dev.eosin.eval.probes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LabelOrderTest {
  @Test
  void gradesAreInTheirOrderAndNamesInThatOfLetters() {
    assertThat(LabelOrder.of(Stream.of("10", "2", "-1", "2"))).containsExactly("-1", "2", "10");
    assertThat(LabelOrder.of(Stream.of("10", "2", "tumour", "2")))
        .containsExactly("10", "2", "tumour");
  }
}
