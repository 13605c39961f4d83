package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recorded captions of tokenizers' WordPiece and of open_clip's HFTokenizer, which must be met
/// exactly.
@Tag("parity")
class BertTokenizerParityTest {
  private static final Path FILE = ParityCase.open("tokenizer-bert").file("tokenizer.json");

  @TempDir Path folder;

  private static JsonNode expected(String name) throws IOException {
    return new ObjectMapper().readTree(ParityCase.open(name).file("expected.json").toFile());
  }

  @Test
  void idsOfCaptionsAsTheyAreAreTokenizers() throws IOException {
    try (BertTokenizer tokenizer = BertTokenizer.open(FILE, false)) {
      JsonNode rows = expected("tokenizer-bert").get("rows");
      assertThat(rows).hasSize(200);
      for (JsonNode row : rows) {
        int[] ids = ClipTokenizerParityTest.ints(row.get("ids"));
        String text = row.get("text").asText();
        assertThat(tokenizer.encode(text, 10_000)).as(text).isEqualTo(ids);
        assertThat(tokenizer.untruncatedLength(text)).isEqualTo(ids.length);
      }
      assertThat(tokenizer.vocabularySize()).isEqualTo(500);
      assertThat(tokenizer.paddingId()).isZero();
    }
  }

  @Test
  void repairedCutAndPaddedRowsAreOpenClips() throws IOException {
    JsonNode expected = expected("tokenizer-bert-openclip");
    int length = expected.get("context_length").asInt();
    try (BertTokenizer tokenizer = BertTokenizer.open(FILE, true)) {
      assertThat(expected.get("rows")).hasSize(200);
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
    String json = Files.readString(FILE);
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(
        file,
        json.replaceFirst(
            "\"padding\":null",
            """
            "padding":{"strategy":{"Fixed":8},"direction":"Right","pad_to_multiple_of":null,\
            "pad_id":4,"pad_type_id":0,"pad_token":"[MASK]"}"""));
    try (BertTokenizer tokenizer = BertTokenizer.open(folder, true)) {
      assertThat(tokenizer.paddingId()).isEqualTo(4);
      assertThat(tokenizer.encode("gland", 77)).startsWith(2).endsWith(3);
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
