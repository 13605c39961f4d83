package dev.eosin.text;

import static dev.eosin.text.ClipTokenizerParityTest.ints;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The recorded pieces of tokenizers' `DecodeStream`.
@Tag("parity")
class TextStreamParityTest {
  private static final ParityCase CASE = ParityCase.open("decode-stream");

  private static Path file(String tokenizer) {
    Path own = CASE.folder().resolve("tokenizer.%s.json".formatted(tokenizer));
    return Files.exists(own) ? own : CASE.beside("tokenizer-" + tokenizer).file("tokenizer.json");
  }

  @Test
  void everyStepGivesTheRecordedText() throws IOException {
    JsonNode rows = new ObjectMapper().readTree(CASE.file("expected.json").toFile()).path("rows");
    assertThat(rows).isNotEmpty();
    Map<String, LanguageTokenizer> opened = new TreeMap<>();
    try {
      for (JsonNode row : rows) {
        String name = row.get("tokenizer").asText();
        if (!opened.containsKey(name)) {
          opened.put(name, LanguageTokenizer.open(file(name)));
        }
        requireRow(opened.get(name), row);
      }
    } finally {
      opened.values().forEach(LanguageTokenizer::close);
    }
  }

  private static void requireRow(LanguageTokenizer tokenizer, JsonNode row) {
    int[] ids = ints(row.get("ids"));
    assertThat(tokenizer.decode(ids, true)).isEqualTo(row.get("decoded").asText());
    TextStream stream = new TextStream(tokenizer, List.of());
    List<String> chunks = new ArrayList<>();
    for (int id : ids) {
      chunks.add(stream.step(id));
    }
    String rest = stream.finish();
    if (row.path("joined_equals_decoded").asBoolean()) {
      List<String> recorded = new ArrayList<>();
      row.get("chunks").forEach(chunk -> recorded.add(chunk.isNull() ? "" : chunk.asText()));
      assertThat(chunks).as(row.toString()).isEqualTo(recorded);
      assertThat(rest).isEmpty();
    }
  }
}
