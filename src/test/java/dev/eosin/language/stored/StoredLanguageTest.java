package dev.eosin.language.stored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.language.rows.FolderPrompts;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.text.BytePairSettings;
import dev.eosin.text.BytePairTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Models of folders that answer, and everything that is refused before their weights are read.
class StoredLanguageTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DialogueFormat TRAINED = new DialogueFormat("ask {text} :", " {text}");

  @TempDir private Path home;

  private static StoredLanguage.Wanted wanted(Path folder) {
    return new StoredLanguage.Wanted(folder, Optional.empty(), Optional.empty(), false);
  }

  private static StoredLanguage open(Path folder) throws IOException {
    return StoredLanguage.open(wanted(folder));
  }

  private Path llama() throws IOException {
    return TinyLanguage.llama(home.resolve("llama"), Optional.empty());
  }

  private static Question question(String id, String text, String... options) {
    return new Question(id, List.of(), text, List.of(options), 8);
  }

  /// Alone or among others, in pieces or at once, an answer is the same.
  @ParameterizedTest
  @CsvSource({"llama", "t5"})
  void answersAreTheSameInPiecesAndInBatches(String kind) throws IOException {
    Path folder = kind.equals("t5") ? TinyLanguage.t5(home.resolve("t5")) : llama();
    try (StoredLanguage stored = open(folder);
        var loaded = stored.load(ENGINE, GenerationSettings.greedy(8))) {
      List<Question> questions =
          List.of(question("a", "is the stain dark?"), question("b", "tissue"));
      List<Answerer.Answer> together = loaded.answerer().answerAll(questions);
      for (int i = 0; i < questions.size(); i++) {
        StringBuilder pieces = new StringBuilder();
        Answerer.Answer alone = loaded.answerer().answer(questions.get(i), pieces::append);
        assertThat(pieces.toString()).isEqualTo(alone.text());
        assertThat(together.get(i)).isEqualTo(alone);
      }
      assertThat(together.getFirst().text()).isNotEmpty();
    }
  }

  /// What is chosen is the option whose tokens are the likeliest, for every kind of model.
  @ParameterizedTest
  @CsvSource({"llama", "t5"})
  void optionsHaveLikelihoods(String kind) throws IOException {
    Path folder = kind.equals("t5") ? TinyLanguage.t5(home.resolve("t5")) : llama();
    try (StoredLanguage stored = open(folder);
        var loaded = stored.load(ENGINE, GenerationSettings.greedy(8))) {
      Answerer.Answer answer =
          loaded.answerer().answer(question("a", "is the stain dark?", "yes", "no", "yes no"));
      assertThat(answer.likelihoods()).hasSize(3).allMatch(each -> each < 0);
      double best = answer.likelihoods().stream().mapToDouble(each -> each).max().orElseThrow();
      int place = answer.likelihoods().indexOf(best);
      assertThat(answer.text()).isEqualTo(List.of("yes", "no", "yes no").get(place));
      assertThat(answer.likelihoods().get(2)).isLessThan(answer.likelihoods().get(0));
    }
  }

  @Test
  void adaptersChangeAnswersAndBringTheirDialogue() throws IOException {
    Path model = llama();
    Path adapter = TinyLanguage.adapters(home.resolve("adapter"), model, Optional.of(TRAINED));
    var wanted = new StoredLanguage.Wanted(model, Optional.of(adapter), Optional.empty(), false);
    GenerationSettings greedy = GenerationSettings.greedy(8);
    try (StoredLanguage plain = open(model);
        StoredLanguage adapted = StoredLanguage.open(wanted);
        var first = plain.load(ENGINE, greedy);
        var second = adapted.load(ENGINE, greedy)) {
      assertThat(plain.prompts())
          .isInstanceOfSatisfying(
              FolderPrompts.class,
              prompts -> assertThat(prompts.format()).isEqualTo(DialogueFormat.PLAIN));
      assertThat(adapted.prompts())
          .isInstanceOfSatisfying(
              FolderPrompts.class, prompts -> assertThat(prompts.format()).isEqualTo(TRAINED));
      assertThat(second.answerer().answer(question("a", "is the stain dark?")).text())
          .isNotEqualTo(first.answerer().answer(question("a", "is the stain dark?")).text());
      assertThat(adapted.pins(greedy)).containsKeys("model.sha256", "adapter.sha256");
      assertThat(plain.pins(greedy).get("model.sha256"))
          .isEqualTo(adapted.pins(greedy).get("model.sha256"));
    }
  }

  @Test
  void theDialogueOfTrainingTravelsWithTheModel() throws IOException {
    Path folder = TinyLanguage.llama(home.resolve("trained"), Optional.of(TRAINED));
    try (StoredLanguage stored = open(folder)) {
      assertThat(stored.notes()).isEmpty();
      int[] prompt = stored.prompts().prompt("yes </s>");
      assertThat(stored.prompts().tokenizer().decode(prompt, false)).isEqualTo("<s>ask yes </s> :");
      // The end that is spelled out in a question is text: more than its one token.
      assertThat(prompt).doesNotContain(2);
    }
  }

  @Test
  void aFolderOfOthersIsAskedAsItsTokenizerSays() throws IOException {
    Path folder = llama();
    var asks = new DialogueFormat("<s>{text}</s>", "{text}");
    var marked = new StoredLanguage.Wanted(folder, Optional.empty(), Optional.of(asks), false);
    var raw = new StoredLanguage.Wanted(folder, Optional.empty(), Optional.empty(), true);
    try (StoredLanguage plain = open(folder);
        StoredLanguage formatted = StoredLanguage.open(marked);
        StoredLanguage spelled = StoredLanguage.open(raw)) {
      assertThat(plain.notes())
          .anyMatch(note -> note.contains("neither eosin.json nor a chat_template"));
      assertThat(plain.prompts().prompt("</s>")).startsWith(1).doesNotContain(2);
      assertThat(formatted.prompts().prompt("</s>")).startsWith(1, 1).endsWith(2);
      assertThat(formatted.prompts().prompt("</s>").length).isGreaterThan(4);
      assertThat(spelled.prompts().prompt("</s>")).containsExactly(1, 2);
    }
  }

  private static void assertRefused(Path folder, String... parts) {
    assertRefused(wanted(folder), parts);
  }

  private static void assertRefused(StoredLanguage.Wanted wanted, String... parts) {
    assertThatThrownBy(() -> StoredLanguage.open(wanted))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(parts)
        .satisfies(
            e ->
                assertThat(String.valueOf(e.getMessage()).lines().count()).isLessThanOrEqualTo(22));
  }

  private static void edit(Path file, Consumer<ObjectNode> change) throws IOException {
    ObjectNode json =
        Files.exists(file) ? (ObjectNode) JSON.readTree(file.toFile()) : JSON.createObjectNode();
    change.accept(json);
    Files.writeString(file, json.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "config.json, 'has no config.json, which says what a model of Hugging Face is'",
    "model.safetensors, the folder has none of model.safetensors",
    "tokenizer.json, holds no tokenizer"
  })
  void aFolderThatLacksAFileIsRefused(String file, String message) throws IOException {
    Path folder = llama();
    Files.delete(folder.resolve(file));
    assertRefused(folder, folder.toString(), message);
  }

  @Test
  void whatIsNoFolderIsRefused() throws IOException {
    assertRefused(home.resolve("none"), "is no folder");
    Path run = Files.createDirectories(home.resolve("run"));
    Files.writeString(run.resolve("recipe.yaml"), "kind: language\n");
    assertRefused(run, "is a run that has not left its model in", "final");
  }

  @Test
  void aVocabularyThatIsSmallerThanTheIdsIsRefused() throws IOException {
    Path folder = llama();
    edit(folder.resolve("config.json"), json -> json.put("vocab_size", 200));
    assertRefused(folder, "its largest id is", "has a vocabulary of 200 (ids to 199)");
  }

  @Test
  void theTokenizerOfAnotherModelIsRefused() throws IOException {
    Path folder = llama();
    var others = new BytePairSettings(290, 2, "<p>", "<b>", "<e>", List.of());
    BytePairTrainer.train(List.of("is the stain dark?"), others).write(folder);
    edit(folder.resolve("config.json"), json -> json.put("eos_token_id", 7));
    assertRefused(folder, "eos_token is '<e>' (id 2)", "has eos_token_id [7]", "another model's?");
    edit(folder.resolve("config.json"), json -> json.put("eos_token_id", 2));
    edit(folder.resolve("config.json"), json -> json.put("bos_token_id", 9));
    assertRefused(folder, "bos_token is '<b>' (id 1)", "has bos_token_id 9");
  }

  /// Ends that only generation_config.json names are the model's, too.
  @Test
  void endsOfGenerationCount() throws IOException {
    Path folder = llama();
    edit(folder.resolve("config.json"), json -> json.put("eos_token_id", 7));
    edit(
        folder.resolve("generation_config.json"),
        json -> json.putArray("eos_token_id").add(7).add(2));
    try (StoredLanguage stored = open(folder)) {
      assertThat(stored.prompts().ids().ends()).containsExactly(7, 2);
    }
    edit(folder.resolve("generation_config.json"), json -> json.put("eos_token_id", 4000));
    assertRefused(folder, "generation_config.json: eos_token_id 4000 is none of the");
  }

  @Test
  void aMissingShardIsRefused() throws IOException {
    Path folder = llama();
    Files.move(
        folder.resolve("model.safetensors"), folder.resolve("model-00001-of-00002.safetensors"));
    edit(
        folder.resolve("model.safetensors.index.json"),
        json ->
            json.putObject("weight_map")
                .put("model.norm.weight", "model-00001-of-00002.safetensors")
                .put("model.embed_tokens.weight", "model-00002-of-00002.safetensors"));
    assertRefused(
        folder,
        "model.safetensors.index.json: 1 of the 2 files that it names are missing",
        "model-00002-of-00002.safetensors");
  }

  @ParameterizedTest
  @CsvSource({
    "config.json, model_type, '\"mamba\"', 'option model_type is \"mamba\", expected one of llama'",
    "config.json, surprising, 1, 'options that are not known here and might change results:"
        + " surprising (1)'",
    "generation_config.json, diversity_penalty, 0.5, 'options that generation here does not honour:"
        + " diversity_penalty (0.5)'",
    "eosin.json, version, 2, 'option version is 2, expected 1'",
  })
  void anOptionThatIsNotHonouredIsNamed(String file, String option, String value, String message)
      throws IOException {
    Path folder = TinyLanguage.llama(home.resolve("llama"), Optional.of(TRAINED));
    edit(folder.resolve(file), json -> json.set(option, read(value)));
    assertRefused(folder, folder.resolve(file).toString(), message);
  }

  private static com.fasterxml.jackson.databind.JsonNode read(String value) {
    try {
      return JSON.readTree(value);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void moreAnswersThanOneAreRefused() throws IOException {
    Path folder = llama();
    edit(
        folder.resolve("generation_config.json"),
        json -> json.put("num_beams", 4).put("num_return_sequences", 3));
    assertRefused(folder, "num_return_sequences is 3, but a question gets one answer here");
  }

  @Test
  void anAdapterOfAnotherBaseIsRefused() throws IOException {
    Path model = llama();
    Path adapter = TinyLanguage.adapters(home.resolve("adapter"), model, Optional.empty());
    Path other = TinyLanguage.t5(home.resolve("t5"));
    assertRefused(
        new StoredLanguage.Wanted(other, Optional.of(adapter), Optional.empty(), false),
        adapter.toString(),
        "adapters are for decoders");
    Path wide = Files.createDirectories(home.resolve("wide"));
    TinyLanguage.llama(wide, Optional.empty());
    edit(adapter.resolve("adapter_config.json"), json -> json.put("r", 3));
    assertRefused(
        new StoredLanguage.Wanted(wide, Optional.of(adapter), Optional.empty(), false),
        "adapter_model.safetensors",
        "was made for " + model);
  }

  @Test
  void aQuestionThatFillsTheContextIsRefusedBeforeAnythingIsAsked() throws IOException {
    Path folder = llama();
    try (StoredLanguage stored = open(folder);
        var loaded = stored.load(ENGINE, GenerationSettings.greedy(8))) {
      String longest = "组".repeat(TinyLanguage.CONTEXT);
      assertThatThrownBy(() -> loaded.answerer().requireRoom("row 7", longest, 8))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("row 7: the question alone has")
          .hasMessageContaining("the model reads 64 in all");
      String nearly = "x".repeat(TinyLanguage.CONTEXT - 5);
      assertThatThrownBy(() -> loaded.answerer().requireRoom("row 8", nearly, 8))
          .hasMessageContaining("row 8: the question has 60 ids and its answer may have 8");
    }
  }
}
