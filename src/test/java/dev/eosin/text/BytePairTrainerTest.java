package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BytePairTrainerTest {
  private static final List<String> FACTS =
      List.of("adipose", "lymphocytes", "calcification", "absent", "present", "dense", "sparse");

  @TempDir Path folder;

  /// Lines about drawn facts, as a quickstart's corpus has them.
  private static List<String> corpus() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      lines.add(
          "Tile %d shows %s. Is calcification %s? It is %s."
              .formatted(i, FACTS.get(i % 7), FACTS.get(i % 5), FACTS.get(i % 3)));
    }
    lines.add("naïve 癌 🔬🔬 e\u0301 \u00a0 'll we'll");
    return lines;
  }

  private static LanguageTokenizer opened(BytePairVocabulary learned, Path out) throws IOException {
    learned.write(out);
    return LanguageTokenizer.open(out);
  }

  @Test
  void factWordsAreOneToken() throws IOException {
    BytePairVocabulary learned = BytePairTrainer.train(corpus(), BytePairSettings.of(2000));
    try (LanguageTokenizer tokenizer = opened(learned, folder)) {
      for (String fact : FACTS) {
        assertThat(tokenizer.encode(" " + fact, false)).as(fact).hasSize(1);
      }
      assertThat(tokenizer.specialTokens())
          .isEqualTo(
              new SpecialTokens(
                  OptionalInt.of(1), OptionalInt.of(2), OptionalInt.of(0), OptionalInt.empty()));
      assertThat(tokenizer.encode("", true)).containsExactly(1);
      assertThat(tokenizer.vocabularySize()).isEqualTo(learned.size());
      assertThat(tokenizer.largestId()).isEqualTo(learned.size() - 1);
      assertThat(learned.size()).isLessThan(2000);
    }
  }

  /// What is learned, applied merge by merge, is what the library makes of the written file.
  @Test
  void theWrittenFileGivesTheIdsThatWereLearned() throws IOException {
    BytePairVocabulary learned = BytePairTrainer.train(corpus(), BytePairSettings.of(330));
    assertThat(learned.size()).isEqualTo(330);
    Map<String, Integer> ids = new HashMap<>();
    learned.tokens().forEach(token -> ids.put(token, ids.size()));
    Random random = new Random(11);
    List<String> texts = new ArrayList<>(corpus());
    for (int i = 0; i < 500; i++) {
      texts.add(RandomText.of(random, 20));
    }
    try (LanguageTokenizer tokenizer = opened(learned, folder.resolve("a.json"))) {
      for (String text : texts) {
        List<Integer> expected = new ArrayList<>();
        ByteLevelWords.cut(
            text, word -> merged(word, learned).forEach(t -> expected.add(ids.get(t))));
        assertThat(tokenizer.encodeText(text))
            .as(text)
            .containsExactly(expected.stream().mapToInt(Integer::intValue).toArray());
        assertThat(tokenizer.decode(tokenizer.encodeText(text), true)).isEqualTo(text);
      }
    }
  }

  private static List<String> merged(String word, BytePairVocabulary learned) {
    List<String> parts = new ArrayList<>();
    for (byte value : word.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
      parts.add(ByteAlphabet.spelling(ByteAlphabet.rank(value)));
    }
    for (ByteLevelJson.Merge merge : learned.merges()) {
      for (int i = 0; i + 1 < parts.size(); i++) {
        if (parts.get(i).equals(merge.left()) && parts.get(i + 1).equals(merge.right())) {
          parts.set(i, merge.left() + merge.right());
          parts.remove(i + 1);
        }
      }
    }
    return parts;
  }

  @Test
  void theOrderOfTextsChangesNothing() {
    List<String> other = new ArrayList<>(corpus());
    Collections.shuffle(other, new Random(3));
    BytePairSettings settings = BytePairSettings.of(600);
    assertThat(BytePairTrainer.train(other, settings).tokens())
        .isEqualTo(BytePairTrainer.train(corpus(), settings).tokens());
  }

  @Test
  void furtherSpecialTokensAreOneIdInPromptsAndTextInUserText() throws IOException {
    BytePairSettings settings =
        new BytePairSettings(400, 2, "<pad>", "<s>", "</s>", List.of("<image>", "PAD"));
    List<String> texts = new ArrayList<>(corpus());
    texts.addAll(Collections.nCopies(50, "PAD PAD PAD"));
    BytePairVocabulary learned = BytePairTrainer.train(texts, settings);
    try (LanguageTokenizer tokenizer = opened(learned, folder)) {
      assertThat(tokenizer.encode("<image>PAD", false)).containsExactly(3, 4);
      assertThat(tokenizer.encodeText("<image>PAD")).doesNotContain(3, 4).hasSizeGreaterThan(2);
      assertThat(tokenizer.decode(new int[] {3, 4}, true)).isEmpty();
      assertThat(Files.readString(folder.resolve("tokenizer_config.json"))).contains("<image>");
    }
  }

  @Test
  void settingsThatCannotBeMetAreRefused() {
    assertThatThrownBy(() -> BytePairSettings.of(258))
        .hasMessage(
            "a vocabulary of 258 has no room for 3 special tokens and 256 bytes; at least 259");
    assertThatThrownBy(() -> new BytePairSettings(300, 2, "<pad>", "<s>", "</s>", List.of("<s>")))
        .hasMessageContaining("named twice");
    assertThatThrownBy(() -> new BytePairSettings(300, 2, "<pad>", "<s>", "", List.of()))
        .hasMessageContaining("empty");
    assertThatThrownBy(() -> new BytePairSettings(300, 0, "<pad>", "<s>", "</s>", List.of()))
        .hasMessageContaining("at least 1, got 0");
  }
}
