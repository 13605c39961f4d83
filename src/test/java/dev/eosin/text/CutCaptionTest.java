package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.random.RandomKey;
import dev.eosin.text.TextSettings.OverLength;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CutCaptionTest {
  private static final Tokenizer WORDS = new Words();
  private static final RandomKey KEY = new RandomKey(1);

  /// One id a word, and one at each end.
  private record Words() implements Tokenizer {
    @Override
    public int[] encode(String text, int contextLength) {
      return new int[Math.min(contextLength, untruncatedLength(text))];
    }

    @Override
    public int untruncatedLength(String text) {
      return 2 + (text.isBlank() ? 0 : text.strip().split("\\s+").length);
    }

    @Override
    public int paddingId() {
      return 0;
    }

    @Override
    public int vocabularySize() {
      return 1;
    }
  }

  private static CutCaption cut(OverLength rule, String caption) {
    var encoder = new CaptionEncoder(WORDS, 6, rule, List.of());
    return encoder.cut(caption, encoder.training(caption, KEY, 0, 0));
  }

  private static String said(CutCaption caption, boolean cut) {
    return caption.pieces().stream()
        .filter(piece -> piece.cut() == cut)
        .map(CutCaption.Piece::text)
        .collect(Collectors.joining());
  }

  @Test
  void whatFitsIsWhole() {
    assertThat(cut(OverLength.TRUNCATE, "Glands, well formed.").isCut()).isFalse();
  }

  @Test
  void whatIsTruncatedEndsWhereTheIdsEnd() {
    CutCaption cut = cut(OverLength.TRUNCATE, "one two three four five six");
    assertThat(said(cut, false)).isEqualTo("one two three four ");
    assertThat(said(cut, true)).isEqualTo("five six");
  }

  @Test
  void sentencesThatWereLeftOutAreNamed() {
    String caption = "Glands are seen. Fat is there. Many cells divide.";
    CutCaption cut = cut(OverLength.SENTENCE_SAMPLING, caption);
    assertThat(said(cut, false) + said(cut, true)).hasSameSizeAs(caption + " ");
    assertThat(cut.pieces()).filteredOn(CutCaption.Piece::cut).hasSize(2);
  }
}
