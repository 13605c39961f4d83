package dev.eosin.text;

import static dev.eosin.text.ClipTokenizerParityTest.ints;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.ParityCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Folders that have a sentencepiece model only, against sentencepiece itself and transformers.
@Tag("parity")
class SentencePieceParityTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private static JsonNode expected(ParityCase recorded) throws IOException {
    JsonNode expected = JSON.readTree(recorded.file("expected.json").toFile());
    assertThat(expected.path("rows")).isNotEmpty();
    return expected;
  }

  private static OptionalInt id(JsonNode said) {
    return said.isInt() ? OptionalInt.of(said.asInt()) : OptionalInt.empty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sentencepiece-llama", "sentencepiece-t5"})
  void idsAndTextAreTransformers(String name) throws IOException {
    ParityCase recorded = ParityCase.open(name);
    JsonNode expected = expected(recorded);
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(recorded.folder())) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(expected.get("vocab_size").asInt());
      assertThat(tokenizer.specialTokens().bos()).isEqualTo(id(expected.get("bos")));
      assertThat(tokenizer.specialTokens().eos()).isEqualTo(id(expected.get("eos")));
      assertThat(tokenizer.specialTokens().pad()).isEqualTo(id(expected.get("pad")));
      assertThat(tokenizer.specialTokens().unk()).isEqualTo(id(expected.get("unk")));
      for (JsonNode row : expected.get("rows")) {
        String text = row.get("text").asText();
        int[] ids = ints(row.get("ids"));
        assertThat(tokenizer.encode(text, true)).as(text).isEqualTo(ids);
        assertThat(tokenizer.encode(text, false))
            .as(text)
            .isEqualTo(ints(row.get("ids_no_special")));
        assertThat(tokenizer.decode(ids, true)).isEqualTo(row.get("decoded").asText());
        if (!row.has("known_difference")) {
          assertThat(tokenizer.encodeText(text)).as(text).isEqualTo(ints(row.get("sentencepiece")));
        }
      }
    }
  }

  /// With the older rule, what a user writes is cut as sentencepiece cuts it, in every row.
  @Test
  void theOlderRuleIsSentencePieces() throws IOException {
    ParityCase recorded = ParityCase.open("sentencepiece-llama");
    Files.copy(recorded.file("tokenizer.model"), folder.resolve("tokenizer.model"));
    ObjectNode config = (ObjectNode) JSON.readTree(recorded.file("tokenizer_config.json").toFile());
    JSON.writeValue(folder.resolve("tokenizer_config.json").toFile(), config.put("legacy", true));
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(folder)) {
      for (JsonNode row : expected(recorded).get("rows")) {
        String text = row.get("text").asText();
        assertThat(tokenizer.encodeText(text)).as(text).isEqualTo(ints(row.get("sentencepiece")));
      }
    }
  }

  /// A folder with the model alone: begin of text where the model has one, else end of text.
  @ParameterizedTest
  @ValueSource(strings = {"sentencepiece-llama/tokenizer.model", "sentencepiece-t5/spiece.model"})
  void theModelAloneSaysWhatIsPutAround(String file) throws IOException {
    ParityCase recorded = ParityCase.open(file.substring(0, file.indexOf('/')));
    String name = file.substring(file.indexOf('/') + 1);
    Files.copy(recorded.file(name), folder.resolve(name));
    JsonNode expected = expected(recorded);
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(folder)) {
      JsonNode around = expected.get("bos").isNull() ? expected.get("eos") : expected.get("bos");
      assertThat(tokenizer.encode("", true)).containsExactly(around.asInt());
      for (String role : List.of("eos", "unk")) {
        OptionalInt found =
            role.equals("eos") ? tokenizer.specialTokens().eos() : tokenizer.specialTokens().unk();
        assertThat(found).as(role).isEqualTo(id(expected.get(role)));
      }
    }
  }
}
