package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.text.LanguageDetection.Found;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LanguageDetectionTest {
  private static final Set<String> ENGLISH = Set.of("eng");

  private LanguageDetection detection;

  @BeforeAll
  void load() throws DataException {
    detection = LanguageDetection.load();
  }

  @Test
  void captionsOfOtherLanguagesAreLikelierElsewhere() {
    for (String caption :
        List.of(
            "Biopsia de colon con adenocarcinoma moderadamente diferenciado",
            "Dies ist ein Bild eines Adenokarzinoms der Lunge mit Nekrosen",
            "Carcinome épidermoïde de la langue, patient de 60 ans",
            "Nefropatia membranosa in paziente di 40 anni",
            "大腸腺癌の病理組織像です")) {
      assertThat(detection.of(caption, ENGLISH).times()).as(caption).isGreaterThan(1.4);
    }
    assertThat(
            detection.of("Dies ist ein Bild eines Adenokarzinoms der Lunge", ENGLISH).likeliest())
        .isEqualTo("deu");
  }

  @Test
  void englishCaptionsStayBelowTheLimit() {
    for (String caption :
        List.of(
            "Moderately differentiated adenocarcinoma of the colon with necrosis.",
            "Spindle cell lesion of the skin, CD34 positive",
            "Nests of tumour cells in a fibrous stroma with lymphocytes.")) {
      assertThat(detection.of(caption, ENGLISH).times()).as(caption).isLessThan(1.4);
    }
    assertThat(
            detection.of("Nests of tumour cells in the fibrous stroma, with lymphocytes.", ENGLISH))
        .isEqualTo(new Found("eng", 1));
  }

  @Test
  void aLongTextIsJudgedByItsBeginning() {
    String german = "Dies ist ein Bild eines Adenokarzinoms der Lunge mit Nekrosen. ".repeat(40);
    assertThat(detection.of(german + "and more ".repeat(100_000), ENGLISH))
        .isEqualTo(detection.of(german, ENGLISH));
  }

  @Test
  void manyThreadsAreToldTheSame() {
    String text = "Linfoma de células grandes B difuso en paciente de 40 años";
    Found alone = detection.of(text, ENGLISH);
    assertThat(
            IntStream.range(0, 64)
                .parallel()
                .mapToObj(_ -> detection.of(text, ENGLISH))
                .distinct()
                .toList())
        .containsExactly(alone);
  }

  @Test
  void anUnknownLanguageIsRefused() {
    assertThat(detection.languages()).hasSize(103).contains("eng", "deu");
    assertThatThrownBy(() -> detection.of("a text", Set.of("en")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("en");
  }
}
