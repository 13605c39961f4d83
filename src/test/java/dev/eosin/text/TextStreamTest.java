package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.ParityCase;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextStreamTest {
  private static LanguageTokenizer qwen() throws IOException {
    return LanguageTokenizer.open(ParityCase.open("tokenizer-qwen2").folder());
  }

  private static String joined(TextStream stream, int[] ids) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      if (stream.stop().isEmpty()) {
        String piece = stream.step(id);
        assertThat(piece).doesNotEndWith("\uFFFD");
        text.append(piece);
      }
    }
    return text.append(stream.finish()).toString();
  }

  @Test
  void joinedPiecesAreTheDecodedText() throws IOException {
    Random random = new Random(5);
    try (LanguageTokenizer tokenizer = qwen()) {
      for (int i = 0; i < 400; i++) {
        int[] ids = tokenizer.encode(RandomText.of(random, 20).replace("\uFFFD", ""), false);
        assertThat(joined(new TextStream(tokenizer, List.of()), ids))
            .isEqualTo(tokenizer.decode(ids, true));
      }
    }
  }

  @Test
  void anUnfinishedCharacterIsGivenAtTheEndOnly() throws IOException {
    try (LanguageTokenizer tokenizer = qwen()) {
      int[] ids = tokenizer.encode("a🔬", false);
      TextStream stream = new TextStream(tokenizer, List.of());
      StringBuilder before = new StringBuilder();
      for (int i = 0; i < ids.length - 1; i++) {
        before.append(stream.step(ids[i]));
      }
      assertThat(before.toString()).isEqualTo("a");
      assertThat(stream.finish()).isEqualTo("\uFFFD");
    }
  }

  @Test
  void textEndsBeforeTheFirstStopString() throws IOException {
    try (LanguageTokenizer tokenizer = qwen()) {
      String text = "yes, the gland.\nUSER: and then? ###";
      int[] ids = tokenizer.encode(text, false);
      TextStream stream = new TextStream(tokenizer, List.of("###", "\nUSER:"));
      assertThat(joined(stream, ids)).isEqualTo("yes, the gland.");
      assertThat(stream.stop()).contains("\nUSER:");
      assertThat(stream.finish()).isEmpty();
      assertThatThrownBy(() -> stream.step(ids[0])).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void theStartOfAStopStringIsKeptBackUntilItIsNone() {
    StopStrings stops = new StopStrings(List.of("abcab", "cd"));
    assertThat(stops.take("xabc")).isEqualTo("x");
    assertThat(stops.take("a")).isEmpty();
    assertThat(stops.take("c")).isEqualTo("abca");
    assertThat(stops.rest()).isEqualTo("c");
    assertThat(stops.take("d!")).isEmpty();
    assertThat(stops.found()).contains("cd");
    assertThat(stops.rest()).isEmpty();
  }

  @Test
  void howTextIsCutIntoPiecesChangesNothing() {
    Random random = new Random(9);
    for (int i = 0; i < 2000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(20); length > 0; length--) {
        text.append((char) ('a' + random.nextInt(3)));
      }
      List<String> sought = List.of("abc", "bb", "caab");
      StopStrings whole = new StopStrings(sought);
      String expected = whole.take(text.toString()) + whole.rest();
      StopStrings pieces = new StopStrings(sought);
      StringBuilder given = new StringBuilder();
      for (int at = 0; at < text.length(); ) {
        int to = Math.min(text.length(), at + 1 + random.nextInt(4));
        given.append(pieces.take(text.substring(at, to)));
        at = to;
      }
      assertThat(given + pieces.rest()).isEqualTo(expected);
      assertThat(pieces.found()).isEqualTo(whole.found());
      assertThat(expected).doesNotContain(sought);
      assertThat(text.toString()).startsWith(expected + whole.found().orElse(""));
    }
  }

  @Test
  void anEmptyStopStringIsRefused() {
    assertThatThrownBy(() -> new StopStrings(List.of("a", "")))
        .hasMessageContaining("empty stop string");
  }
}
