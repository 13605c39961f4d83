package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.experiment.RunSettings;
import dev.eosin.file.FileDigest;
import dev.eosin.language.RandomModel;
import dev.eosin.recipe.trained.TrainableRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// Adapters of several ranks beside a small decoder whose bf16 weights stay in their file, and a
/// head that is trained whole and rows of the token table by themselves. Whatever is done with it,
// the file stays as it was.
class LanguageAdaptersFamilyTest extends FamilyContract {
  private static final String RECIPE =
      """
      kind: language
      seed: 7
      compute: { device: cpu, threads: 1 }
      model: { type: folder, path: "%s" }
      lora: { rank: 4, alpha: 8, rank-pattern: { q_proj: 2 }, also-train: [lm_head], train-tokens: [a, e, "is"], dropout: 0.1 }
      data:
        train: { type: synthetic, facts: independent, says: conversations, split: train, samples: 40 }
        validation: { type: synthetic, facts: independent, says: questions, split: validation, samples: 4, tile: 32 px }
        workers: 2
      text: { length: 160, dialogue: { asks: "{text}", answers: " {text}" } }
      batch: { global: 8 }
      optimizer: { type: adamw, lr: 1.0e-3, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1, clip-norm: 1.0 }
      schedule: { type: cosine, warmup: 25 %%, length: 12 steps }
      precision: fp32
      evaluate:
        - { type: loss, name: held-out, every: 4 steps }
      output: { dir: "%s", checkpoint-every: 5 steps, keep: 2 }
      logging: { tensorboard: false }
      """;

  @TempDir private Path model;
  private final Map<Path, String> digests = new HashMap<>();

  @Override
  public RunSettings recipe(Path home, List<String> overrides) throws IOException {
    Path recipe = home.resolve("recipe.yaml");
    if (!Files.exists(recipe)) {
      Path folder = model.resolve("base");
      RandomModel.write(folder);
      Path weights = folder.resolve("model.safetensors");
      digests.put(weights, FileDigest.of(weights).sha256());
      Files.writeString(recipe, RECIPE.formatted(folder, home.resolve("run")));
    }
    return TrainableRecipe.read(recipe, overrides);
  }

  /// Products of bf16 weights round their inputs to 8 bits, which now and then tips the other way.
  @Override
  float rounding() {
    return 1e-4f;
  }

  @AfterEach
  void theFileIsAsItWas() throws IOException {
    for (Map.Entry<Path, String> file : digests.entrySet()) {
      assertThat(FileDigest.of(file.getKey()).sha256()).isEqualTo(file.getValue());
    }
  }
}
