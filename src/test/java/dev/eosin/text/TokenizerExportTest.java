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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerExportTest {
  private static final ParityCase CASE = ParityCase.open("tokenizer-clip");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @Test
  void theTokenizerIsTheOneTransformersWrites() throws IOException {
    int context = json("tokenizer_config.json").get("model_max_length").intValue();
    Map<String, String> files = TokenizerExport.clip(ClipVocabulary.load(), context);
    assertThat(JSON.readTree(files.get("tokenizer.json"))).isEqualTo(json("tokenizer.json"));
    assertThat(JSON.readTree(files.get("tokenizer_config.json")))
        .isEqualTo(json("tokenizer_config.json"));
  }

  @Test
  void theFilesHoldTheWholeVocabulary() throws IOException {
    Map<String, String> files = TokenizerExport.clip(ClipVocabulary.load(), 77);
    assertThat(JSON.readTree(files.get("vocab.json")))
        .hasSize(49_408)
        .isEqualTo(json("tokenizer.json").at("/model/vocab"));
    assertThat(List.of(String.valueOf(files.get("merges.txt")).split("\n")))
        .hasSize(48_895)
        .startsWith("#version: 0.2", "i n");
    assertThat(JSON.readTree(files.get("special_tokens_map.json")).get("pad_token").asText())
        .isEqualTo("<|endoftext|>");
  }

  @Test
  void anExportedTokenizerIsReadBack() throws IOException {
    Map<String, String> files = TokenizerExport.files(new TokenizerSettings.ClipBpe(), 77);
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
    try (HuggingFaceClipTokenizer tokenizer = HuggingFaceClipTokenizer.open(folder)) {
      assertThat(tokenizer.encode("Gleason 3+4", 77))
          .isEqualTo(ClipTokenizer.load().encode("Gleason 3+4", 77));
      assertThat(tokenizer.paddingId()).isEqualTo(49_407);
    }
    assertThat(TokenizerExport.files(new TokenizerSettings.HuggingFace(folder), 77))
        .isEqualTo(files);
  }

  @Test
  void aMissingTokenizerIsNamed() {
    TokenizerSettings missing = new TokenizerSettings.HuggingFace(folder.resolve("none"));
    assertThatThrownBy(() -> TokenizerExport.files(missing, 77))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none");
  }

  private static JsonNode json(String file) throws IOException {
    return JSON.readTree(CASE.file(file).toFile());
  }
}
