package dev.eosin.run.rehearsals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.experiment.RunSettings;
import dev.eosin.language.RandomModel;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.FamilyContract;
import dev.eosin.run.TinyTower;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A small Q-Former that reads questions, between the tower of a CLIP model, whose features are
/// kept on disk, and a decoder.
public class QFormerInstructFamilyTest extends FamilyContract {
  private static final String RECIPE =
      """
      kind: qformer-instruct
      seed: 7
      compute: { device: cpu, threads: 1 }
      tower: { from: "%s", layer: -2, cache: { dir: "%s", limit: 1 MB } }
      qformer: { type: random, layers: 2, width: 16, heads: 2, mlp-width: 24, queries: 3, positions: 64 }
      language: { path: "%s", base: converted }
      data:
        train: { type: synthetic, facts: independent, says: questions, split: train, samples: 8, tile: 32 px }
        validation: { type: synthetic, facts: independent, says: questions, split: validation, samples: 2, tile: 32 px }
        image: { size: 32 px, crop-scale: [1, 1], crop-ratio: [1, 1] }
        workers: 2
      text: { prompt-length: 160, answer-length: 16, qformer-length: 64, qformer-tokenizer: { type: hugging-face, path: "%s" } }
      batch: { global: 8 }
      optimizer: { type: adamw, lr: 1.0e-3, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1, clip-norm: 1.0 }
      schedule: { type: cosine, warmup: 25 %%, length: 12 steps }
      precision: fp32
      evaluate:
        - { type: loss, name: held-out, every: 4 steps }
        - { type: vqa, name: answers, every: 12 steps, bootstrap: 10, asking: { controls: [other-image, no-image], other-images: 1, most-tokens: 3 } }
      output: { dir: "%s", checkpoint-every: 5 steps, keep: 2 }
      logging: { tensorboard: false }
      """;

  @TempDir private Path other;

  @Override
  public RunSettings recipe(Path home, List<String> overrides) throws IOException {
    return TrainableRecipe.read(file(home), overrides);
  }

  public static Path file(Path home) throws IOException {
    Path recipe = home.resolve("recipe.yaml");
    if (!Files.exists(recipe)) {
      Path language = home.resolve("language");
      RandomModel.write(language);
      Files.writeString(
          recipe,
          RECIPE.formatted(
              TinyTower.in(home, 32),
              home.resolve("features"),
              language,
              language,
              home.resolve("run")));
    }
    return recipe;
  }

  private RunSettings recipe(String... overrides) throws IOException {
    return recipe(other, List.of(overrides));
  }

  @Test
  void aDryRunShowsWhatIsAskedFor() throws IOException {
    assertThat(DryRun.of(recipe()).lines())
        .anyMatch(line -> line.matches("row +synthetic/train/.*<s>.*>>.*</s><<.*"));
  }

  /// Behind it a decoder whose bf16 weights stay in their file.
  @Test
  void aQFormerThatReadsNothingTrains() throws IOException {
    RunSettings image =
        recipe(
            "qformer.instructed=false",
            "text.qformer-tokenizer=null",
            "tower.cache=null",
            "language.base=mapped");
    Overfit heart = Overfit.of(image, 1, 30, line -> {});
    assertThat(heart.end()).isLessThan(heart.start());
  }

  @Test
  void theLanguageModelMayBeInt8() throws IOException {
    RunSettings image = recipe("tower.cache=null", "language.base=int8");
    assertThat(image.experiment().check(true))
        .anyMatch(note -> note.contains("14 of 21 tensors") && note.contains("rounded to int8"));
    Overfit heart = Overfit.of(image, 1, 8, line -> {});
    assertThat(heart.end()).isLessThan(heart.start());
  }

  @Test
  void whatCannotBeIsSaidInALine() throws IOException {
    refused(
        recipe("qformer={ type: trained, path: nowhere }"),
        "nowhere is no folder of an earlier stage");
    refused(recipe("language.gelu=exact"), "describes no T5 with gates of GELU");
    refused(recipe("text.qformer-length=99"), "is 99, the Q-Former reads 64 ids");
    refused(recipe("text.answer-length=99"), "are up to 262, the language model reads 256");
    assertThatThrownBy(() -> recipe("tower.frozen=false")).hasMessageContaining("tower.frozen");
    assertThatThrownBy(() -> recipe("data.image.flip-horizontal=true"))
        .hasMessageContaining("another each time");
    assertThatThrownBy(() -> recipe("text.qformer-tokenizer=null"))
        .hasMessageContaining("the Q-Former reads instructions");
    RunSettings sound = recipe();
    Path weights = other.resolve("language/model.safetensors");
    Files.move(weights, weights.resolveSibling("model-00001-of-00002.safetensors"));
    Files.writeString(
        weights.resolveSibling("model.safetensors.index.json"),
        """
        {"weight_map": {"model.norm.weight": "model-00001-of-00002.safetensors",
                        "model.embed_tokens.weight": "model-00002-of-00002.safetensors"}}
        """);
    refused(sound, "model-00002-of-00002.safetensors");
  }

  private static void refused(RunSettings recipe, String why) {
    assertThatThrownBy(() -> recipe.experiment().check(true)).hasMessageContaining(why);
  }
}
