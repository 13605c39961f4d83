package dev.eosin.caption;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What says nothing, and what only looks like it.
class EmptyPhrasesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "I'm sorry, but I can't help with that.",
        "I’m very sorry, I cannot assist.",
        "Sorry, no.",
        "I am unable to view the picture.",
        "As an AI language model, I do not diagnose.",
        "Unfortunately, no image was provided.",
        "Please upload the slide.",
        "It is not possible to interpret this tile.",
        "I don't have access to images."
      })
  void refusalsAreKnown(String text) {
    assertThat(EmptyPhrases.refusal(text)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Glands that cannot be told from normal ones.",
        "The tumour provided no capsule; the image is sharp.",
        "Necrosis is not able to be excluded in the lower left.",
        "Type I pneumocytes line the walls.",
        "Stage I carcinoma with clear margins.",
        "Findings that please no textbook."
      })
  void descriptionsAreNoRefusals(String text) {
    assertThat(EmptyPhrases.refusal(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "The image shows glands.|Glands.",
        "This histopathological image of the colon reveals crypts.|Crypts.",
        "In this image, we can see fat.|Fat.",
        "Certainly! Here is a description: The tile depicts muscle.|Muscle.",
        "Nests of cells. Further evaluation is recommended.|Nests of cells.",
        "Nests of cells. Please consult a pathologist.|Nests of cells.",
        "Ducts. I hope this helps!|Ducts."
      })
  void whatSaysNothingIsTakenOut(String text, String left) {
    EmptyPhrases.Stripped stripped = EmptyPhrases.strip(text);
    assertThat(stripped.text()).isEqualTo(left);
    assertThat(stripped.found()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "The stroma shows fibrosis.",
        "Sheets of cells. The nuclei are round.",
        "An H&E image of keratin pearls.",
        "Sections show a tumour that extends further than the margin."
      })
  void whatSaysSomethingStays(String text) {
    assertThat(EmptyPhrases.strip(text))
        .isEqualTo(new EmptyPhrases.Stripped(text, java.util.List.of()));
  }

  @Test
  void hintsAreKnownAndSuggestionsAreNone() {
    assertThat(EmptyPhrases.hint("As described, glands.")).isPresent();
    assertThat(EmptyPhrases.hint("Glands, in line with the provided caption.")).isPresent();
    assertThat(EmptyPhrases.hint("Malignancy is suggested by the mitoses.")).isEmpty();
  }
}
