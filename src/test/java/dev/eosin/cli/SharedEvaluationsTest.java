package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.MachineException;
import dev.eosin.group.LocalRanks;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.recipe.Evaluation;
import dev.eosin.recipe.Preparation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Ranks share what is asked, embedded and learnt, and the first one writes the results of a
/// process alone; what cannot be shared says why.
class SharedEvaluationsTest {
  private static final String QUESTIONS =
      """
      kind: vqa-evaluation
      compute: { device: cpu, threads: 1 }
      answers: { type: language-model, path: "%s" }
      questions: { type: synthetic, facts: independent, says: questions, split: validation, samples: 6, tile: 32 px }
      training: { type: synthetic, facts: independent, says: questions, split: train, samples: 6, tile: 32 px }
      asking: { controls: [frequent], most-tokens: 4, batch: 8, prompt: "Q {}" }
      bootstrap: 20
      output: { dir: out }
      """;
  private static final String TILES =
      """
      kind: tile-evaluation
      compute: { device: cpu, threads: 1 }
      features: { type: clip, path: "%s", batch: 5, remember: false }
      tiles: { path: "%s" }
      tasks:
        - { type: zero-shot }
        - { type: linear-probe, strengths: [0.1, 1, 10] }
        - { type: sgd-probe, alphas: [1e-3, 1e-2], passes: 20 }
        - { type: gradient-probe, epochs: 10, lr: 0.01, batch: 8, runs: 2, patience: 0.5 }
        - { type: knn, k: [1, 3] }
        - { type: few-shot, shots: [1], draws: 3 }
        - { type: few-shot, name: regression, shots: [2], draws: 2, learner: regression }
        - { type: grade-probe, strengths: [1] }
        - { type: decay-probe, shares: [50 %%], batch: 8, runs: 2 }
        - { type: fine-tune, shares: [50 %%], lrs: [1e30, 1e-4, 3e-3], batch: 8, epochs: 1, runs: 1 }
      random-weights: false
      unreadable: 10 %%
      bootstrap: 20
      output: { dir: out }
      """;

  @TempDir private Path home;

  private void sharesAsOne(String text, List<String> files, Object... inputs) throws Exception {
    Path file = Files.writeString(home.resolve("recipe.yaml"), text.formatted(inputs));
    EvaluationOnRanks.shareAsOne(file, List.of(), home, files, List.of(2, 3));
  }

  @Test
  void answersAreThoseOfAProcessAlone() throws Exception {
    Path model =
        TinyLanguage.llama(
            home.resolve("model"), Optional.of(new DialogueFormat("{text} =", " {text}")));
    List<String> files = List.of("answers.jsonl", "evaluation.json", "evaluation.csv");
    sharesAsOne(QUESTIONS, files, model);
  }

  @Test
  void tasksOnTilesHaveTheResultsOfAProcessAlone() throws Exception {
    ColouredTiles tiles = ColouredTiles.in(Files.createDirectories(home.resolve("tiles")));
    Path model = tiles.model();
    List<String> files = List.of("evaluation.json", "evaluation.csv", "samples.jsonl");
    sharesAsOne(TILES, files, model, tiles.table());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "kind: vqa-evaluation // answers: { type: file, path: a.jsonl } | answers that are there are only scored",
        "kind: vqa-evaluation // answers: { type: service, llm: { model: m } } // questions: { type: synthetic, samples: 6, tile: 32 px }"
            + " | a service is asked",
      })
  void whatCannotBeSharedSaysWhy(String text, String message) throws IOException {
    Path file = home.resolve("recipe.yaml");
    String recipe = text.strip().replace(" // ", "\n") + "\noutput: { dir: out }\n";
    Evaluation evaluation = Evaluation.read(Files.writeString(file, recipe), List.of());
    assertThatThrownBy(
            () ->
                LocalRanks.run(
                    2, group -> EvaluationOnRanks.measured(evaluation, group, () -> false)))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("leave --ranks and mpirun out");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "by: { type: service, llm: { model: m } } | by asks a service",
        "by: { type: language-model, path: m } // work: { budget: { calls: 3 } } | work.budget: calls",
      })
  void aPreparationThatCannotBeSharedSaysWhy(String text, String message) throws IOException {
    Path file = home.resolve("recipe.yaml");
    String recipe =
        """
        kind: captions
        captions: { task: enhance, table: c.jsonl }
        output: { dir: out }
        """;
    Files.writeString(file, recipe + text.strip().replace(" // ", "\n") + "\n");
    Preparation preparation = Preparation.read(file, List.of());
    assertThatThrownBy(preparation::ofRanks)
        .isInstanceOf(MachineException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("leave --ranks and mpirun out");
  }
}
