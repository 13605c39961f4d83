package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SentencesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "See Fig. 1 and Figs. 2 and 3 for the lesion.",
        "A focus of approx. 5 mm, i.e. 0.5 cm or ca. 1.5 HPF.",
        "Glands vs. Stroma in No. 7 by Dr. Smith.",
        "Gastritis with H. pylori.",
        "1. Tumour cells (cf. Fig. 2A)",
        "A pT2. lesion of 3.5 mm",
        "What?",
        "no full stop at all",
      })
  void oneSentenceStaysOne(String sentence) {
    assertThat(Sentences.of("  " + sentence + "\n")).containsExactly(sentence);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Stained with H&E.|The nuclei are large.",
        "Non-specific pneumonia (UIP).|Fibrosis is seen.",
        "Size of 0.5 mm.|2 mitoses are seen!|Why?|\"Necrosis\" follows.",
        "Nuclear grade 3.|The stroma is dense.",
        "The duct is patent (no atypia.)|(Benign.)|[/INST]",
        "1. Tumour cells.|2. Stroma...|3. Fat.",
      })
  void sentencesEndWhereAReaderSaysSo(String marked) {
    List<String> expected = List.of(marked.split("\\|", -1));
    assertThat(Sentences.of(String.join(" ", expected))).isEqualTo(expected);
    assertThat(Sentences.of(String.join(" \n ", expected))).isEqualTo(expected);
  }

  @Test
  void blankTextHasNone() {
    assertThat(Sentences.of(" \n")).isEmpty();
  }

  /// 500 captions as published: nothing is lost, and each piece reads as a sentence.
  @Test
  void realCaptionsFallIntoWholeSentences() throws IOException {
    List<String> captions = pathGenCaptions();
    int sentences = 0;
    for (String caption : captions) {
      List<String> found = Sentences.of(caption);
      sentences += found.size();
      assertThat(String.join(" ", found)).isEqualTo(caption.strip().replaceAll("\\s+", " "));
      assertThat(found).allMatch(piece -> piece.matches("(?s)[A-Z\\[].{5,}"), caption);
      assertThat(found.subList(0, found.size() - 1))
          .allMatch(piece -> piece.matches("(?s).*[.!?]"));
    }
    assertThat(sentences).as("as a regular expression counts them").isEqualTo(1_686);
  }

  /// The captions of PathGen's published sample.
  static List<String> pathGenCaptions() throws IOException {
    String shared = Objects.requireNonNullElse(System.getenv("EOSIN_SHARED"), "../shared");
    Path file = Path.of(shared, "data/pathgen-captions-sample/pathgen_sample_500.json");
    assumeThat(file).as("set EOSIN_SHARED to a folder with data/pathgen-captions-sample").exists();
    List<String> captions = new ArrayList<>();
    for (JsonNode record : new ObjectMapper().readTree(Files.readString(file))) {
      captions.add(record.get("caption").asText());
    }
    return captions;
  }
}
