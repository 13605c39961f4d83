package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlipCaptionTest {
  /// By LAVIS's rule, worked out by hand.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "` An H&E image: (Adipose) tissue! `|`an h&e image adipose tissue`",
        "`3.5 mm; ER+, \"no\" #1 ~ 2*x`|`3 5 mm er+, no 1 2 x`",
        "`What's shown?`|`what's shown?`",
        "`...`|``"
      })
  void marksBecomeBlanksAndBlanksOne(String text, String cleaned) {
    assertThat(BlipCaption.cleaned(text, BlipCaption.WORDS)).isEqualTo(cleaned);
  }

  @ParameterizedTest
  @CsvSource({"a b c d, 2, a b", "a  b. c, 5, a b c"})
  void onlyTheFirstWordsStay(String text, int words, String cleaned) {
    assertThat(BlipCaption.cleaned(text, words)).isEqualTo(cleaned);
  }
}
