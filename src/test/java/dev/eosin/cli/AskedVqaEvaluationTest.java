package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.rows.DialogueFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `kind: vqa-evaluation` on a model that is asked.
class AskedVqaEvaluationTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String RECIPE =
      """
      kind: vqa-evaluation
      compute: { device: cpu, threads: 1 }
      answers: { type: language-model, path: "%s" }
      questions: { type: synthetic, facts: independent, says: questions, split: validation, samples: 6, tile: 32 px }
      training: { type: synthetic, facts: independent, says: questions, split: train, samples: 6, tile: 32 px }
      asking: { controls: [frequent], most-tokens: 4, batch: 8, prompt: "Q {}" }
      bootstrap: 20
      output: { dir: "%s" }
      """;

  @TempDir private Path home;
  private Path recipe;
  private Path results;

  @BeforeEach
  void recipe() throws IOException {
    Path model =
        TinyLanguage.llama(
            home.resolve("model"), Optional.of(new DialogueFormat("{text} =", " {text}")));
    results = home.resolve("results");
    recipe = Files.writeString(home.resolve("vqa.yaml"), RECIPE.formatted(model, results));
  }

  private CommandRun evaluate(String... overrides) {
    List<Object> all = new ArrayList<>(List.of("evaluate", recipe));
    all.addAll(Arrays.asList(overrides));
    return CommandRun.of(all.toArray());
  }

  @Test
  void aModelIsAskedScoredAndGoneOnWith() throws IOException {
    CommandRun whole = evaluate();
    assertThat(whole.code()).as(whole.err()).isZero();
    assertThat(whole.err()).contains("sees no picture", "100 %", "finished; the results are in");
    JsonNode json = JSON.readTree(results.resolve("evaluation.json").toFile());
    assertThat(json.path("inputs").path("model.sha256").asText()).matches("[0-9a-f]{64}");
    assertThat(json.path("inputs").path("questions.fingerprint").asText()).isNotEmpty();
    assertThat(json.path("evaluations").path("vqa").has("open_recall")).isTrue();
    assertThat(json.path("evaluations").path("vqa").has("open_recall_frequent")).isTrue();

    Path answers = results.resolve("answers.jsonl");
    byte[] all = Files.readAllBytes(answers);
    // Bytes, as characters, so that a place among one is that among the other.
    int first = new String(all, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
    Files.write(answers, Arrays.copyOf(all, first + 5));
    CommandRun again = evaluate();
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("cut off the 5 bytes");
    assertThat(Files.readAllBytes(answers)).isEqualTo(all);
    assertThat(JSON.readTree(results.resolve("evaluation.json").toFile())).isEqualTo(json);

    CommandRun otherwise = evaluate("asking.prompt=R {}");
    assertThat(otherwise.code()).isEqualTo(ExitCode.DATA);
    assertThat(otherwise.err()).contains("its answers were made otherwise: prompt was");
  }

  @Test
  void aQuestionWithoutRoomIsNamedBeforeTheFirstIsAsked() {
    CommandRun run = evaluate("asking.most-tokens=60");
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err()).contains("its answer may have 60; the model reads 64 in all");
    assertThat(results.resolve("answers.jsonl")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "answers={type: file, path: a.jsonl} | a file of answers has them already",
        "questions={type: split, by: sample, share: 10 %} | name one source",
        "answers.generation={search: {type: beams, beams: 4, sequences: 2}} | a question gets one"
            + " answer here",
        "answers={type: service, llm: {model: m}, work: {failed: reject}} | reject would score some"
            + " questions and not others",
        "answers={type: service, llm: {model: m}, work: {budget: {money: 3}}} | cannot be kept"
            + " without prices",
      })
  void whatDoesNotGoTogetherIsAWrongRecipe(String override, String message) {
    CommandRun run = evaluate(override.strip());
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(message);
  }

  @Test
  void aServiceThatNothingNamesIsAsked() {
    assumeTrue(
        System.getenv("EOSIN_LLM_BASE_URL") == null && System.getenv("OPENAI_BASE_URL") == null,
        "a service is named; unset EOSIN_LLM_BASE_URL and OPENAI_BASE_URL");
    CommandRun run = evaluate("answers={type: service, llm: {model: m}}");
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.DATA);
    assertThat(run.err()).contains("the environment has no EOSIN_LLM_BASE_URL");
  }
}
