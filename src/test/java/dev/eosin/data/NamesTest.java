package dev.eosin.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void ofManyNamesTheFirstOnesAreShown() {
    assertThat(Names.of(List.of("a", "b"))).isEqualTo("a, b");
    List<String> many = IntStream.range(0, 1_000).mapToObj(i -> "n" + i).toList();
    assertThat(Names.of(many)).startsWith("n0, n1, ").endsWith("n11 and 988 more");
  }

  @Test
  void aLongNameIsCutInOneLineAndInNoCharacter() {
    assertThat(Names.cut("a\nb\t c")).isEqualTo("a b c");
    String cut = Names.cut("\uD83D\uDE00".repeat(500));
    assertThat(cut).endsWith("\uD83D\uDE00...");
    assertThat(cut.codePointCount(0, cut.length())).isEqualTo(123);
  }
}
