package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.ParityCase;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recorded captions of tokenizers' WordPiece and of open_clip's HFTokenizer, which must be met
/// exactly.
@Tag("parity")
class BertTokenizerParityTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ParityCase CASE = ParityCase.open("tokenizer-bert");

  @TempDir Path folder;

  private static JsonNode json(ParityCase recorded, String file) throws IOException {
    return JSON.readTree(recorded.file(file).toFile());
  }

  /// Every token's id, as the case's `tokenizer.json` has it.
  private static Map<String, Integer> vocabulary() throws IOException {
    JsonNode file = json(CASE, "tokenizer.json");
    Map<String, Integer> ids = new HashMap<>();
    file.at("/model/vocab").properties().forEach(e -> ids.put(e.getKey(), e.getValue().asInt()));
    file.get("added_tokens").forEach(t -> ids.put(t.get("content").asText(), t.get("id").asInt()));
    return ids;
  }

  @Test
  void idsOfCaptionsAsTheyAreAreTokenizers() throws IOException {
    try (BertTokenizer tokenizer = BertTokenizer.open(CASE.file("tokenizer.json"), false)) {
      JsonNode rows = json(CASE, "expected.json").get("rows");
      assertThat(rows).isNotEmpty();
      for (JsonNode row : rows) {
        int[] ids = ClipTokenizerParityTest.ints(row.get("ids"));
        String text = row.get("text").asText();
        assertThat(tokenizer.encode(text, 10_000)).as(text).isEqualTo(ids);
        assertThat(tokenizer.untruncatedLength(text)).isEqualTo(ids.length);
      }
      assertThat(tokenizer.vocabularySize()).isEqualTo(vocabulary().size());
      assertThat(tokenizer.paddingId()).isEqualTo(vocabulary().get("[PAD]"));
    }
  }

  @Test
  void repairedCutAndPaddedRowsAreOpenClips() throws IOException {
    ParityCase openClip = ParityCase.open("tokenizer-bert-openclip");
    JsonNode expected = json(openClip, "expected.json");
    int length = expected.get("context_length").asInt();
    Path file = openClip.beside("tokenizer-bert").file("tokenizer.json");
    try (BertTokenizer tokenizer = BertTokenizer.open(file, true)) {
      assertThat(expected.get("rows")).isNotEmpty();
      for (JsonNode row : expected.get("rows")) {
        String text = row.get("text").asText();
        int[] found = tokenizer.encode(text, length);
        int[] padded = Arrays.copyOf(found, length);
        Arrays.fill(padded, found.length, length, tokenizer.paddingId());
        assertThat(padded).as(text).isEqualTo(ClipTokenizerParityTest.ints(row.get("ids")));
      }
    }
  }

  @Test
  void theFileSaysHowRowsArePadded() throws IOException {
    ObjectNode json = (ObjectNode) json(CASE, "tokenizer.json");
    Map<String, Integer> ids = vocabulary();
    json.putObject("padding")
        .put("direction", "Right")
        .putNull("pad_to_multiple_of")
        .put("pad_id", ids.get("[MASK]"))
        .put("pad_type_id", 0)
        .put("pad_token", "[MASK]")
        .putObject("strategy")
        .put("Fixed", 8);
    JSON.writeValue(folder.resolve("tokenizer.json").toFile(), json);
    try (BertTokenizer tokenizer = BertTokenizer.open(folder, true)) {
      assertThat(tokenizer.paddingId()).isEqualTo(ids.get("[MASK]"));
      assertThat(tokenizer.encode("gland", 77))
          .startsWith(ids.getOrDefault("[CLS]", -1))
          .endsWith(ids.getOrDefault("[SEP]", -1));
    }
  }

  @Test
  void anotherKindOfTokenizerIsRefusedByName() {
    Path clip = ParityCase.open("tokenizer-clip").file("tokenizer.json");
    assertThatThrownBy(() -> BertTokenizer.open(clip, true))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(clip + ": is a tokenizer of type 'BPE', 'WordPiece' is expected");
  }
}
