package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.ParityCase;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceClipTokenizerTest {
  /// Of this very file the ids below are known.
  private static final Path FILE = ParityCase.own("tokenizer-clip").file("tokenizer.json");

  @TempDir Path folder;

  @Test
  void aFolderOpensAsItsFile() throws IOException {
    try (HuggingFaceClipTokenizer tokenizer =
        HuggingFaceClipTokenizer.open(FILE.resolveSibling(""))) {
      assertThat(tokenizer.encode("tumour", 77)).startsWith(49_406).endsWith(49_407);
      assertThat(tokenizer.vocabularySize()).isEqualTo(49_408);
    }
  }

  @Test
  void paddingIsTheTokenThatTheConfigurationNames() throws IOException {
    Files.copy(FILE, folder.resolve("tokenizer.json"));
    assertThat(paddingWithConfig(null)).isEqualTo(49_407);
    assertThat(paddingWithConfig("{\"pad_token\": \"!\"}")).isZero();
    assertThat(paddingWithConfig("{\"pad_token\": {\"content\": \"<|startoftext|>\"}}"))
        .isEqualTo(49_406);
    assertThat(paddingWithConfig("{\"model_max_length\": 77}")).isEqualTo(49_407);
    assertThatThrownBy(() -> paddingWithConfig("{\"pad_token\": \"<none such>\"}"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("tokenizer_config.json")
        .hasMessageContaining("<none such>");
  }

  private int paddingWithConfig(@Nullable String config) throws IOException {
    if (config != null) {
      Files.writeString(folder.resolve("tokenizer_config.json"), config);
    }
    try (HuggingFaceClipTokenizer tokenizer = HuggingFaceClipTokenizer.open(folder)) {
      return tokenizer.paddingId();
    }
  }

  @Test
  void halvesOfSurrogatePairsAreNoError() throws IOException {
    try (HuggingFaceClipTokenizer tokenizer = HuggingFaceClipTokenizer.open(FILE)) {
      assertThat(tokenizer.encode("a \ud83d b", 77))
          .isEqualTo(tokenizer.encode("a \ufffd b", 77))
          .hasSizeGreaterThan(4);
    }
  }

  @Test
  void rowsAreCutToTheContextKeepingEndOfText() throws IOException {
    try (HuggingFaceClipTokenizer tokenizer = HuggingFaceClipTokenizer.open(FILE)) {
      String caption = "gland ".repeat(700);
      assertThat(tokenizer.untruncatedLength(caption)).isEqualTo(702);
      assertThat(tokenizer.encode(caption, 77)).hasSize(77).startsWith(49_406).endsWith(49_407);
      assertThatThrownBy(() -> tokenizer.encode(caption, 0)).hasMessageContaining("context");
    }
  }

  @Test
  void manyThreadsGetTheIdsOfOne() throws IOException {
    try (HuggingFaceClipTokenizer tokenizer = HuggingFaceClipTokenizer.open(FILE)) {
      List<String> captions = IntStream.range(0, 500).mapToObj(i -> "tile " + i * 7919).toList();
      List<int[]> parallel =
          captions.parallelStream().map(caption -> tokenizer.encode(caption, 77)).toList();
      for (int i = 0; i < captions.size(); i++) {
        assertThat(parallel.get(i)).isEqualTo(tokenizer.encode(captions.get(i), 77));
      }
    }
  }

  @Test
  void filesThatAreNoTokenizersAreRefusedByName() throws IOException {
    Path absent = folder.resolve("absent.json");
    assertThatThrownBy(() -> HuggingFaceClipTokenizer.open(absent))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(absent.toString());
    Path text = Files.writeString(folder.resolve("text.json"), "{ not json");
    assertThatThrownBy(() -> HuggingFaceClipTokenizer.open(text))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(text.toString());
    Path other = Files.writeString(folder.resolve("other.json"), "{\"model\": 3}");
    assertThatThrownBy(() -> HuggingFaceClipTokenizer.open(other))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(other.toString());
  }
}
