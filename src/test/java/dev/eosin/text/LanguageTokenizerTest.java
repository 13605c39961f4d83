package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.ParityCase;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageTokenizerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private Path copied(String name, String file) throws IOException {
    return Files.copy(ParityCase.open(name).file(file), folder.resolve(file));
  }

  private void beside(String file, String json) throws IOException {
    Files.writeString(folder.resolve(file), json);
  }

  private void refused(String message) {
    assertThatThrownBy(() -> LanguageTokenizer.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message);
  }

  private ObjectNode llama() throws IOException {
    Path file = ParityCase.open("tokenizer-llama").file("tokenizer.json");
    return (ObjectNode) JSON.readTree(file.toFile());
  }

  @Test
  void aFolderWithoutTokenizerSaysWhatWasLookedFor() {
    refused(
        folder
            + ": holds no tokenizer: looked for tokenizer.json, tokenizer.model, spiece.model, and"
            + " vocab.json with merges.txt");
    Path missing = folder.resolve("tokenizer.json");
    assertThatThrownBy(() -> LanguageTokenizer.open(missing)).hasMessageContaining("no such file");
  }

  @Test
  void brokenFilesAreNamed() throws IOException {
    beside("tokenizer.json", "{\"model\": ");
    refused("tokenizer.json: line 1, column");
    beside("tokenizer.json", "[]");
    refused("tokenizer.json: is no JSON object");
    beside("tokenizer.json", "{}");
    refused("tokenizer.json: has no 'model'");
    beside("tokenizer.json", "{\"model\": {\"type\": \"BPE\", \"vocab\": {}}}");
    refused("tokenizer.json: its vocabulary is empty");
    beside("tokenizer.json", "{\"model\": {\"type\": \"Odd\", \"vocab\": {\"a\": 0}}}");
    refused("tokenizer.json: not a tokenizer of the Hugging Face format");
  }

  @Test
  void brokenSentencePieceModelsAreNamed() throws IOException {
    byte[] whole = Files.readAllBytes(copied("sentencepiece-llama", "tokenizer.model"));
    Path file = folder.resolve("tokenizer.model");
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    refused("tokenizer.model: not a sentencepiece model");
    Files.write(file, new byte[0]);
    refused("tokenizer.model: not a sentencepiece model: it has no pieces");
    beside("tokenizer.model", "IQ== 0\nIg== 1\nIw== 2\n");
    refused("tokenizer.model: is a tiktoken file");
  }

  /// Whatever bytes a model file has, it opens or is refused in words.
  @Test
  void damagedSentencePieceModelsNeverFailOtherwise() throws IOException {
    byte[] whole = Files.readAllBytes(copied("sentencepiece-llama", "tokenizer.model"));
    Random random = new Random(1);
    Path file = folder.resolve("tokenizer.model");
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      for (int changes = 0; changes < 3; changes++) {
        damaged[random.nextInt(i % 2 == 0 ? 200 : whole.length)] = (byte) random.nextInt();
      }
      Files.write(file, damaged);
      try {
        assertThat(SentencePieceModel.read(file).pieces()).isNotEmpty();
      } catch (DataException refusal) {
        assertThat(refusal).hasMessageContaining("tokenizer.model: ");
      }
    }
  }

  @Test
  void aConfigurationThatContradictsTheVocabularyIsRefused() throws IOException {
    copied("tokenizer-llama", "tokenizer.json");
    beside("tokenizer_config.json", "{\"pad_token\": \"[PAD]\"}");
    refused(
        "tokenizer_config.json: pad_token '[PAD]' is not among the 761 tokens of tokenizer.json");
    beside("tokenizer_config.json", "{\"added_tokens_decoder\": {\"7\": {\"content\": \"</s>\"}}}");
    refused("says that '</s>' has the id 7, but in tokenizer.json '</s>' has the id 2");
    beside("tokenizer_config.json", "{\"added_tokens_decoder\": {\"2\": {\"content\": \"<x>\"}}}");
    refused("says that '<x>' has the id 2, but in tokenizer.json '</s>' has the id 2");
    beside("tokenizer_config.json", "{\"eos_token\": \"</s>\"}");
    beside("special_tokens_map.json", "{\"eos_token\": {\"content\": \"<pad>\"}}");
    refused("eos_token is '</s>', but special_tokens_map.json beside it says '<pad>'");
    Files.delete(folder.resolve("special_tokens_map.json"));
    beside("tokenizer_config.json", "{\"add_bos_token\": true}");
    refused("tokenizer_config.json: add_bos_token is true, but no bos_token is named");
    beside(
        "tokenizer_config.json", "{\"added_tokens_decoder\": {\"900\": {\"content\": \"<x>\"}}}");
    refused("the added token '<x>' has the id 900, where 761 is the next");
  }

  @Test
  void theConfigurationDecidesWhatIsPutAround() throws IOException {
    copied("tokenizer-llama", "tokenizer.json");
    String tokens = "\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\"}";
    beside("tokenizer_config.json", "{%s, \"add_eos_token\": true}".formatted(tokens));
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(folder)) {
      assertThat(tokenizer.encode("", true)).containsExactly(2);
    }
    beside(
        "tokenizer_config.json",
        "{%s, \"add_bos_token\": true, \"add_eos_token\": true}".formatted(tokens));
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(folder)) {
      assertThat(tokenizer.encode("", true)).containsExactly(1, 2);
      assertThat(tokenizer.encode("", false)).isEmpty();
    }
  }

  @Test
  void tokensThatOnlyTheFilesBesideNameAreAdded() throws IOException {
    copied("sentencepiece-llama", "tokenizer.model");
    beside("added_tokens.json", "{\"<image>\": 800, \"<pad>\": 801}");
    beside(
        "tokenizer_config.json",
        "{\"pad_token\": \"<pad>\", \"chat_template\": \"{{ messages }}\"}");
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(folder)) {
      assertThat(tokenizer.encode("<image><pad>", false)).containsExactly(800, 801);
      assertThat(tokenizer.specialTokens().pad()).hasValue(801);
      assertThat(tokenizer.largestId()).isEqualTo(801);
      assertThat(tokenizer.chatTemplate()).contains("{{ messages }}");
      // <pad> has a role, so it is special; <image> is a word of its own.
      assertThat(tokenizer.encodeText("<image>")).containsExactly(800);
      assertThat(tokenizer.encodeText("<pad>")).doesNotContain(801);
      assertThat(tokenizer.decode(new int[] {800, 801}, true)).isEqualTo("<image>");
    }
  }

  @Test
  void vocabularyAndMergesAreEnoughForGpt2s() throws IOException {
    ParityCase recorded = ParityCase.open("tokenizer-opt");
    ObjectNode json = (ObjectNode) JSON.readTree(recorded.file("tokenizer.json").toFile());
    JSON.writeValue(folder.resolve("vocab.json").toFile(), json.at("/model/vocab"));
    StringBuilder merges = new StringBuilder("#version: 0.2\n");
    for (var merge : json.at("/model/merges")) {
      String line =
          merge.isTextual() ? merge.asText() : merge.get(0).asText() + " " + merge.get(1).asText();
      merges.append(line).append('\n');
    }
    beside("merges.txt", merges.toString());
    copied("tokenizer-opt", "tokenizer_config.json");
    try (LanguageTokenizer files = LanguageTokenizer.open(folder);
        LanguageTokenizer whole = LanguageTokenizer.open(recorded.folder())) {
      Random random = new Random(2);
      for (int i = 0; i < 300; i++) {
        String text = RandomText.of(random, 20);
        assertThat(files.encodeText(text)).isEqualTo(whole.encodeText(text));
      }
      assertThat(files.encode("a gland", true)).isEqualTo(whole.encode("a gland", true));
    }
    beside("tokenizer_config.json", "{\"tokenizer_class\": \"Qwen2Tokenizer\"}");
    refused("tokenizer_class Qwen2Tokenizer is read from a tokenizer.json only");
    beside("tokenizer_config.json", "{}");
    beside("merges.txt", "#version: 0.2\na b\nab\n");
    refused("merges.txt: line 3: 'ab' is no merge of two tokens");
  }

  @Test
  void byteLevelTextComesBackAsItWas() throws IOException {
    Random random = new Random(4);
    try (LanguageTokenizer tokenizer =
        LanguageTokenizer.open(ParityCase.open("tokenizer-opt").folder())) {
      for (int i = 0; i < 500; i++) {
        String text = RandomText.of(random, 24);
        int[] ids = tokenizer.encodeText(text);
        assertThat(tokenizer.decode(ids, true)).isEqualTo(text);
        EncodedText parts = tokenizer.encodeTextWithParts(text);
        assertThat(parts.ids()).isEqualTo(ids);
        for (int part = 0; part < ids.length; part++) {
          assertThat(parts.starts()[part]).isBetween(0, parts.ends()[part]);
          assertThat(parts.ends()[part]).isLessThanOrEqualTo(text.length());
        }
      }
    }
  }

  @Test
  void manyThreadsGetTheSame() throws IOException {
    try (LanguageTokenizer tokenizer =
        LanguageTokenizer.open(ParityCase.open("tokenizer-llama").folder())) {
      String text = "</s> a gland <image> and tumor";
      int[] expected = tokenizer.encode(text, true);
      long different =
          IntStream.range(0, 400)
              .parallel()
              .filter(
                  i ->
                      !Arrays.equals(tokenizer.encode(text, true), expected)
                          || tokenizer.encodeText(text).length <= expected.length)
              .count();
      assertThat(different).isZero();
    }
  }

  @Test
  void anotherModelsTokenizerIsRefused() throws IOException {
    JSON.writeValue(folder.resolve("tokenizer.json").toFile(), llama());
    beside("tokenizer_config.json", "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(folder)) {
      tokenizer.requireRows(761, "config.json");
      tokenizer.requireRows(800, "config.json");
      assertThatThrownBy(() -> tokenizer.requireRows(759, "config.json"))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(
              "its largest id is 760 ('<pad>'), but config.json has a vocabulary of 759 (ids to 758)");
      tokenizer.requireSameEnds(OptionalInt.of(1), Set.of(2, 7), "config.json");
      tokenizer.requireSameEnds(OptionalInt.empty(), Set.of(), "config.json");
      assertThatThrownBy(
              () -> tokenizer.requireSameEnds(OptionalInt.of(5), Set.of(2), "config.json"))
          .hasMessageContaining("bos_token is '<s>' (id 1), but config.json has bos_token_id 5");
      assertThatThrownBy(
              () -> tokenizer.requireSameEnds(OptionalInt.of(1), Set.of(9, 3), "config.json"))
          .hasMessageContaining(
              "eos_token is '</s>' (id 2), but config.json has eos_token_id [3, 9]");
      assertThat(tokenizer.id("<image>")).hasValue(759);
      assertThat(tokenizer.id("nothing of the kind")).isEmpty();
      assertThat(tokenizer.token(2)).contains("</s>");
      assertThat(tokenizer.token(4000)).isEmpty();
    }
  }
}
