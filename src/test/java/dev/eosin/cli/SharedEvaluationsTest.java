package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.MachineException;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.recipe.Evaluation;
import dev.eosin.recipe.Preparation;
import dev.eosin.run.Evaluations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Ranks share what is asked and what is embedded, and the first one writes the results of a
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
      output: { dir: "%s" }
      """;
  private static final String TILES =
      """
      kind: tile-evaluation
      compute: { device: cpu, threads: 1 }
      features: { type: clip, path: "%s", batch: 5, remember: false }
      tiles: { path: "%s" }
      tasks: [{ type: zero-shot }, { type: knn, k: [1] }]
      unreadable: 10 %%
      bootstrap: 20
      output: { dir: "%s" }
      """;

  @TempDir private Path home;

  private static Optional<Path> measured(Evaluation recipe, Group group) throws IOException {
    var listener = new Evaluations.Listener(note -> {}, result -> {}, progress -> {});
    return Evaluations.run(recipe, "test", listener, () -> false, group);
  }

  private Evaluation recipe(String text, String out, Object... inputs) throws IOException {
    Path file = home.resolve(out + ".yaml");
    Object[] all = new Object[inputs.length + 1];
    System.arraycopy(inputs, 0, all, 0, inputs.length);
    all[inputs.length] = home.resolve(out);
    return Evaluation.read(Files.writeString(file, text.formatted(all)), List.of());
  }

  private void sharesAsOne(String text, List<String> files, Object... inputs) throws Exception {
    measured(recipe(text, "alone", inputs), Group.ALONE);
    for (int ranks : List.of(2, 3)) {
      Evaluation shared = recipe(text, "ranks-" + ranks, inputs);
      LocalRanks.run(ranks, group -> measured(shared, group).orElseThrow());
      for (String file : files) {
        assertThat(home.resolve("ranks-" + ranks).resolve(file))
            .hasSameBinaryContentAs(home.resolve("alone").resolve(file));
      }
    }
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
        "kind: tile-evaluation // features: { type: embeddings, path: f.parquet } // tasks: [{ type: knn, k: [1] }]"
            + " | no tile is embedded",
        "kind: tile-evaluation // features: { type: clip, path: m } // tiles: { path: t } // tasks: [{ type: fine-tune }]"
            + " | fine-tune trains in one process",
      })
  void whatCannotBeSharedSaysWhy(String text, String message) throws IOException {
    Path file = home.resolve("recipe.yaml");
    String recipe = text.strip().replace(" // ", "\n") + "\noutput: { dir: out }\n";
    Evaluation evaluation = Evaluation.read(Files.writeString(file, recipe), List.of());
    assertThatThrownBy(() -> LocalRanks.run(2, group -> measured(evaluation, group)))
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
