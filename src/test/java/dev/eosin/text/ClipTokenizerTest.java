package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClipTokenizerTest {
  private static final ClipTokenizer TOKENIZER = ClipTokenizer.load();
  private static final int START = 49_406;
  private static final int END = 49_407;

  @Test
  void aCutRowKeepsEndOfTextLast() {
    int[] whole = TOKENIZER.encode("a b c d e f", 77);
    assertThat(whole).hasSize(8).startsWith(START).endsWith(END);
    assertThat(TOKENIZER.encode("a b c d e f", 8)).isEqualTo(whole);
    for (int length = 1; length < 8; length++) {
      int[] cut = TOKENIZER.encode("a b c d e f", length);
      assertThat(cut).hasSize(length).endsWith(END);
      assertThat(IntStream.of(cut).limit(length - 1L))
          .containsExactlyElementsOf(IntStream.of(whole).limit(length - 1L).boxed().toList());
    }
  }

  @Test
  void aContextWithoutRoomIsRefused() {
    assertThatThrownBy(() -> TOKENIZER.encode("a", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("context length");
  }

  @Test
  void specialWordsInACaptionBecomeTheirIds() {
    assertThat(TOKENIZER.encode("x <START_OF_TEXT>y<end_of_text>", 77))
        .containsExactly(START, 343, START, 344, END, END);
  }

  @Test
  void charactersOfSeveralBytesMayTakeMoreIdsThanCharacters() {
    String text = "\uD808\uDC00\uD808\uDC10";
    int[] ids = TOKENIZER.encode(text, 77);
    assertThat(ids.length).isGreaterThan(text.length() + 2);
    assertThat(TOKENIZER.untruncatedLength(text)).isEqualTo(ids.length);
    assertThat(TOKENIZER.decode(ids)).isEqualTo("<start_of_text>" + text + " <end_of_text>");
  }

  @Test
  void anEncodedAndDecodedCaptionIsTheCleanedOne() {
    String caption = "An H&amp;E image of papillary thyroid carcinoma";
    int[] ids = TOKENIZER.encode(caption, 77);
    assertThat(TOKENIZER.decode(IntStream.of(ids).skip(1).limit(ids.length - 2L).toArray()))
        .isEqualTo("an h & e image of papillary thyroid carcinoma ");
  }

  @Test
  void anIdOutsideTheVocabularyIsRefused() {
    assertThatThrownBy(() -> TOKENIZER.decode(49_408)).hasMessageContaining("49408");
  }

  @Test
  void aVeryLongWordIsEncodedInReasonableTime() {
    String word = "keratinisation".repeat(20_000);
    assertThat(TOKENIZER.untruncatedLength(word)).isGreaterThan(20_000);
    assertThat(TOKENIZER.encode(word, 77)).hasSize(77);
  }

  @Test
  void manyThreadsGetTheIdsOfOne() {
    List<String> captions =
        IntStream.range(0, 2_000).mapToObj(i -> "tile " + Integer.toString(i * 7919, 36)).toList();
    List<int[]> parallel =
        captions.parallelStream().map(caption -> TOKENIZER.encode(caption, 77)).toList();
    ClipTokenizer alone = ClipTokenizer.load();
    for (int i = 0; i < captions.size(); i++) {
      assertThat(parallel.get(i)).isEqualTo(alone.encode(captions.get(i), 77));
    }
  }
}
