package dev.eosin.run;

import dev.eosin.experiment.RunSettings;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.text.BytePairSettings;
import dev.eosin.text.BytePairTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A small decoder that is trained whole on what is said of drawn tiles.
class LanguageFamilyTest extends FamilyContract {
  private static final String RECIPE =
      """
      kind: language
      seed: 7
      compute: { device: cpu, threads: 1 }
      model: { type: llama, tokenizer: "%s", layers: 2, width: 32, heads: 4, groups: 2, mlp-width: 48, context: 256 }
      data:
        train: { type: synthetic, facts: independent, says: conversations, split: train, samples: 40 }
        validation: { type: synthetic, facts: independent, says: questions, split: validation, samples: 4, tile: 32 px }
        workers: 2
      text: { length: 160, rows: packed }
      batch: { global: 8 }
      optimizer: { type: adamw, lr: 1.0e-3, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1, clip-norm: 1.0 }
      schedule: { type: cosine, warmup: 25 %%, length: 12 steps }
      precision: fp32
      evaluate:
        - { type: loss, name: held-out, every: 4 steps }
        - { type: vqa, name: told, every: 12 steps, bootstrap: 10, asking: { controls: [told], most-tokens: 4 } }
      output: { dir: "%s", checkpoint-every: 5 steps, keep: 2 }
      logging: { tensorboard: false }
      """;

  @Override
  public RunSettings recipe(Path home, List<String> overrides) throws IOException {
    Path recipe = home.resolve("recipe.yaml");
    if (!Files.exists(recipe)) {
      Path tokenizer = home.resolve("tokenizer");
      BytePairTrainer.train(
              List.of("the tissue is adipose. is the stain dark? yes no"), BytePairSettings.of(300))
          .write(tokenizer);
      Files.writeString(recipe, RECIPE.formatted(tokenizer, home.resolve("run")));
    }
    return TrainableRecipe.read(recipe, overrides);
  }
}
