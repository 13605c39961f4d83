package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.revise.DegradedRow;
import dev.eosin.vllm.TinyVisionLanguage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `eosin prepare` with what models that revise and shorten learn from, and the chain of models.
class RevisePreparationsTest {
  private static final String DRAWN =
      "type: synthetic, facts: independent, says: findings, samples: 12, tile: 32 px";

  @TempDir private Path home;

  private CommandRun prepare(String recipe, Object... overrides) throws IOException {
    Path file = Files.writeString(home.resolve("recipe.yaml"), recipe);
    Object[] all = new Object[overrides.length + 2];
    all[0] = "prepare";
    all[1] = file;
    System.arraycopy(overrides, 0, all, 2, overrides.length);
    return CommandRun.of(all);
  }

  @Test
  void captionsAreDegradedAndAnotherShareIsRefusedInTheSameFolder() throws IOException {
    Path out = home.resolve("degraded");
    String recipe =
        """
        kind: degrade
        seed: 1
        degrade: { captions: { type: data, source: { %s } }, lexicon: drawn-findings }
        output: { dir: %s }
        """
            .formatted(DRAWN, out);
    CommandRun run = prepare(recipe);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(DegradedRow.read(out.resolve(DegradedRow.FILE))).hasSize(12);
    CommandRun other = prepare(recipe, "degrade.clean=0.5");
    assertThat(other.code()).isEqualTo(ExitCode.DATA);
    assertThat(other.err()).contains("degrade.clean: it was");
  }

  @Test
  void aStoredModelOfThisMachineShortensAndOneWithoutSightDescribesNothing() throws IOException {
    Path model =
        TinyLanguage.llama(
            home.resolve("model"), Optional.of(new DialogueFormat("{text} =", " {text}")));
    Path out = home.resolve("shortened");
    String recipe =
        """
        kind: agents
        compute: { device: cpu, threads: 1 }
        agents:
          tiles: { %s }
          %s: { by: { type: language-model, path: "%s" }, step: { prompt: Q, most-tokens: 4 } }
        work: { parallel: 3 }
        output: { dir: %s }
        """;
    CommandRun run = prepare(recipe.formatted(DRAWN, "summarise", model, out));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readAllLines(out.resolve("agents.jsonl"))).hasSize(12);
    JsonNode statistics = new ObjectMapper().readTree(out.resolve("agents.json").toFile());
    assertThat(statistics.path("tiles").asInt()).isEqualTo(12);
    assertThat(Files.readString(out.resolve("ledger.jsonl"))).contains("model.sha256");
    assertThat(prepare(recipe.formatted(DRAWN, "summarise", model, out)).code()).isZero();

    CommandRun blind = prepare(recipe.formatted(DRAWN, "describe", model, out.resolve("blind")));
    assertThat(blind.code()).isEqualTo(ExitCode.DATA);
    assertThat(blind.err()).contains("agents.describe.by", "sees no picture");
  }

  /// Whoever answers, answers are judged alike: what a tiny model says is of use to nobody.
  @Test
  void aStoredModelThatSeesIsAskedForCaptions() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("captioning"));
    Path out = home.resolve("captions");
    String recipe =
        """
        kind: captions
        compute: { device: cpu, threads: 1 }
        captions:
          task: describe
          source: { %s }
          prompt: "<image>"
          answers: text
          words: { min: 0, max: 50 }
          most-tokens: 3
          attempts: 1
        by: { type: language-model, path: "%s" }
        output: { dir: %s }
        """
            .formatted(DRAWN, model, out);
    CommandRun run = prepare(recipe);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readAllLines(out.resolve("answers.jsonl"))).hasSize(12);
    JsonNode told = new ObjectMapper().readTree(out.resolve("captions.json").toFile());
    assertThat(told.path("rows").asInt()).isEqualTo(12);
    assertThat(told.path("kept").asInt()).isPositive();
    assertThat(Files.readString(out.resolve("page.html"))).contains("data:image/png");
    assertThat(Files.readString(out.resolve("ledger.jsonl"))).contains("by.model.sha256");
  }

  /// A model's words, whether its images are marked in the prompt or not.
  @Test
  void aStoredModelThatSeesDescribesTiles() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("seeing"));
    String recipe =
        """
        kind: agents
        compute: { device: cpu, threads: 1 }
        agents:
          tiles: { %s }
          describe: { by: { type: language-model, path: "%s" }, step: { prompt: "%s", most-tokens: 3 } }
        work: { parallel: 3 }
        output: { dir: %s }
        """;
    for (String prompt : List.of("<image>", "What is shown?")) {
      Path out = home.resolve("described" + prompt.length());
      CommandRun run = prepare(recipe.formatted(DRAWN, model, prompt, out));
      assertThat(run.code()).as(run.err()).isZero();
      List<String> said = Files.readAllLines(out.resolve("agents.jsonl"));
      assertThat(said).hasSize(12);
      assertThat(new ObjectMapper().readTree(said.getFirst()).path("described").asText())
          .isNotBlank();
    }
  }
}
