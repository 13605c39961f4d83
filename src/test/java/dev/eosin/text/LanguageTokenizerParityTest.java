package dev.eosin.text;

import static dev.eosin.text.ClipTokenizerParityTest.ints;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The recorded ids, parts and texts of language models' tokenizers, which must be met exactly.
@Tag("parity")
class LanguageTokenizerParityTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode expected(ParityCase recorded) throws IOException {
    JsonNode expected = JSON.readTree(recorded.file("expected.json").toFile());
    assertThat(expected.path("rows")).as(recorded.name()).isNotEmpty();
    return expected;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenizer-llama",
        "tokenizer-llama3",
        "tokenizer-opt",
        "tokenizer-qwen2",
        "tokenizer-t5",
        "tokenizer-bert"
      })
  void idsPartsAndTextAreTokenizers(String name) throws IOException {
    ParityCase recorded = ParityCase.open(name);
    JsonNode expected = expected(recorded);
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(recorded.folder())) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(expected.get("vocab_size").asInt());
      for (JsonNode row : expected.get("rows")) {
        String text = row.get("text").asText();
        int[] ids = ints(row.get("ids"));
        assertThat(tokenizer.encode(text, true)).as(text).isEqualTo(ids);
        assertThat(tokenizer.encode(text, false))
            .as(text)
            .isEqualTo(ints(row.get("ids_no_special")));
        assertThat(tokenizer.decode(ids, true)).isEqualTo(row.get("decoded").asText());
        if (row.has("offsets")) {
          requireParts(tokenizer.encodeWithParts(text, false), text, row.get("offsets"));
        }
      }
    }
  }

  private static void requireParts(EncodedText found, String text, JsonNode offsets) {
    List<Integer> counted = new ArrayList<>();
    for (int i = 0; i < found.ids().length; i++) {
      counted.add(text.codePointCount(0, found.starts()[i]));
      counted.add(text.codePointCount(0, found.ends()[i]));
    }
    int[] bounds = counted.stream().mapToInt(Integer::intValue).toArray();
    assertThat(bounds).as(text).isEqualTo(ints(offsets));
  }

  @Test
  void specialTokensInUserTextStayText() throws IOException {
    ParityCase recorded = ParityCase.open("tokenizer-text");
    Map<String, LanguageTokenizer> opened = new TreeMap<>();
    try {
      for (JsonNode row : expected(recorded).get("rows")) {
        String name = row.get("tokenizer").asText();
        if (!opened.containsKey(name)) {
          opened.put(name, LanguageTokenizer.open(recorded.beside(name).folder()));
        }
        LanguageTokenizer tokenizer = opened.get(name);
        String text = row.get("text").asText();
        EncodedText found = tokenizer.encodeTextWithParts(text);
        assertThat(found.ids()).as("%s: %s", name, text).isEqualTo(ints(row.get("ids")));
        assertThat(tokenizer.encodeText(text)).isEqualTo(found.ids());
        requireParts(found, text, row.get("offsets"));
      }
      assertThat(opened).isNotEmpty();
    } finally {
      opened.values().forEach(LanguageTokenizer::close);
    }
  }
}
