package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Expected texts are what Python's `html.unescape` and `str.lower` and open_clip returned.
class CaptionCleaningTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "&ltx &notit; &notin &ampamp;, <x ¬it; ¬in &amp;",
        "&#128; &#x80 &#150; &#xd800; &#1114112;, € € – \ufffd \ufffd",
        "&; &#; &#x; & amp;, &; &#; &#x; & amp;",
        "&#65a &#X41 &CounterClockwiseContourIntegral;, Aa A ∳",
        "&NotEqualTilde; &fjlig;, ≂̸ fj",
        "&#1;&#31;&#127;x, x",
      })
  void referencesAreDecodedAsPythonDoes(String text, String expected) {
    assertThat(HtmlEntities.unescape(text)).isEqualTo(expected);
  }

  @Test
  void entitiesAreDecodedOnceByTheRepairAndTwiceAfterIt() {
    assertThat(CaptionCleaning.clean("H&amp;amp;amp;E")).isEqualTo("h&e");
  }

  @Test
  void plainTextTakesTheShortWayToTheSameResult() {
    String plain = "  An H+E\timage \n of\fTumour ";
    assertThat(CaptionCleaning.clean(plain))
        .isEqualTo("an h+e image of tumour")
        .isEqualTo(CaptionCleaning.clean(plain + "\u0007"));
  }

  @ParameterizedTest
  @CsvSource({"ΑΣΣΟΣ, ασσος", "Α.Σ, α.ς", "Σ, σ", "ΣΑ, σα", "İ, i̇", "ǅ, ǆ", "STRAẞE, straße"})
  void lowerCaseFollowsUnicode(String text, String expected) {
    assertThat(LowerCase.of(text)).isEqualTo(expected);
  }

  @Test
  void aDotBetweenLettersKeepsASigmaMedial() {
    assertThat(LowerCase.of("ΑΣ.Α")).isEqualTo("ασ.α");
  }
}
