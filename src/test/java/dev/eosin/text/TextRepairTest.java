package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Expected texts are what ftfy 6.3.1 returned.
class TextRepairTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "donâ€™t, don’t",
        "cafÃ© patient, cafe\u0301 patient",
        "naÃ¯ve, naïve",
        "sÃ³ Ã la mode, só à la mode",
        "Âµm and 5 Âµm, µm and 5 µm",
        "â‰¥3 mm, ≥3 mm",
        "ÃƒÂ© twice, é twice",
        "like this â€�, like this �",
        "one µm but donâ€™t, one µm but don't",
      })
  void mojibakeIsRepaired(String damaged, String meant) {
    assertThat(TextRepair.straightenQuotes(TextRepair.repairMojibake(damaged)))
        .isEqualTo(TextRepair.compose(TextRepair.straightenQuotes(meant)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5 µm × 40",
        "β-catenin",
        "Å is a word",
        "Ménière's",
        "опухоль",
        "肿瘤",
        "±2 °C",
        "ö"
      })
  void meantCharactersStay(String text) {
    assertThat(TextRepair.repair(text)).isEqualTo(text);
  }

  @Test
  void entitiesAreDecodedOnlyWhereNothingElseCanBeMeant() {
    assertThat(
            TextRepair.decodeEntities("&lt;3 &EACUTE; &#956;m &#x3b1; &amp &#59; &nope; &notit;"))
        .isEqualTo("<3 É μm α &amp &#59; &nope; &notit;");
  }

  @Test
  void entitiesStayFromALiteralAngleOnwards() {
    assertThat(TextRepair.repair("a &gt; b\nc < d &gt; e\nf &gt; g"))
        .isEqualTo("a > b\nc < d &gt; e\nf &gt; g");
  }

  @Test
  void c1ControlsBecomeWindows1252() {
    assertThat(TextRepair.replaceC1Controls("a\u0096b\u0081")).isEqualTo("a–b\u0081");
  }

  @Test
  void ligaturesAreSplit() {
    assertThat(TextRepair.splitLigatures("ﬁbrosis ﬂuid ĳ æ")).isEqualTo("fibrosis fluid ij æ");
  }

  @Test
  void widthBecomesUsual() {
    assertThat(TextRepair.standardWidth("ＨＥ\u3000１２ｶ￥")).isEqualTo("HE 12カ¥");
  }

  @Test
  void quotesAreStraightened() {
    assertThat(TextRepair.straightenQuotes("“a” ‘b’ ʼ „")).isEqualTo("\"a\" 'b' ' \"");
  }

  @Test
  void lineBreaksAreLineFeeds() {
    assertThat(TextRepair.unifyLineBreaks("a\r\nb\rc\u2028d\u2029e\u0085f\ng"))
        .isEqualTo("a\nb\nc\nd\ne\nf\ng");
  }

  @Test
  void loneSurrogatesAreReplaced() {
    assertThat(TextRepair.replaceLoneSurrogates("\ud83d \ude00 \ud83d\ude00"))
        .isEqualTo("\ufffd \ufffd \ud83d\ude00");
  }

  @Test
  void terminalEscapesGo() {
    assertThat(TextRepair.removeTerminalEscapes("\u001b[1;31mred\u001b[0m \u001b[?25l"))
        .isEqualTo("red \u001b[?25l");
  }

  @Test
  void controlCharactersGo() {
    assertThat(TextRepair.removeControlCharacters("a\u0000\u0007\u007f\ufeff\t\n\u200bb"))
        .isEqualTo("a\t\n\u200bb");
  }

  @Test
  void marksAreComposed() {
    assertThat(TextRepair.compose("e\u0301")).isEqualTo("é");
  }

  @Test
  void repairAppliesUntilNothingChanges() {
    assertThat(TextRepair.repair("&acirc;&euro;&trade;s")).isEqualTo("'s");
  }
}
