package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.CommandRun;
import dev.eosin.text.BytePairSettings;
import dev.eosin.text.BytePairTrainer;
import dev.eosin.vllm.TinyVisionLanguage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What runs leave is asked as they were trained, merged or beside its base.
class GenerateOfRunTest {
  private static final String RECIPE =
      """
      kind: language
      seed: 7
      compute: { device: cpu, threads: 1 }
      model: %s
      data:
        train: { type: synthetic, facts: independent, says: conversations, split: train, samples: 8 }
        workers: 1
      text: { length: 160, dialogue: { asks: "<q> {text} <a>", answers: " {text}" } }
      batch: { global: 4 }
      optimizer: { type: adamw, lr: 1.0e-2, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1, clip-norm: 1.0 }
      schedule: { type: cosine, warmup: 25 %%, length: 4 steps }
      precision: fp32
      output: { dir: "%s", checkpoint-every: 4 steps, keep: 1 }
      logging: { tensorboard: false }
      """;

  @TempDir private Path home;

  private Path trained(String name, String model, String more) throws IOException {
    Path recipe = home.resolve(name + ".yaml");
    Path run = home.resolve(name);
    Files.writeString(recipe, RECIPE.formatted(model, run) + more);
    CommandRun trained = CommandRun.of("train", recipe);
    assertThat(trained.code()).as(trained.err()).isZero();
    return run;
  }

  private static String said(Object... more) {
    List<Object> all = new ArrayList<>(List.of("generate", "--device", "cpu"));
    all.addAll(List.of("--prompt", "is the stain dark?", "--max-new-tokens", 12));
    all.addAll(List.of(more));
    CommandRun run = CommandRun.of(all.toArray());
    assertThat(run.code()).as(run.err()).isZero();
    // Whatever is said of a folder of others is not said of a run's.
    assertThat(run.err()).isEmpty();
    return run.out();
  }

  @Test
  void aRunIsAskedAsItWasTrained() throws IOException {
    Path tokenizer = home.resolve("tokenizer");
    BytePairTrainer.train(List.of("the stain is dark. yes no"), BytePairSettings.of(280))
        .write(tokenizer);
    Path whole =
        trained(
            "whole",
            "{ type: llama, tokenizer: \"%s\", layers: 1, width: 32, heads: 4, mlp-width: 48, context: 256 }"
                .formatted(tokenizer),
            "");
    JsonNode file = new ObjectMapper().readTree(whole.resolve("final/eosin.json").toFile());
    assertThat(file.path("dialogue").path("asks").asText()).isEqualTo("<q> {text} <a>");
    String answer = said("--model", whole);
    assertThat(said("--model", whole.resolve("final"))).isEqualTo(answer);
    assertThat(said("--model", whole, "--asks", "<q> {text} <a>")).isEqualTo(answer);

    Path adapted =
        trained(
            "adapted",
            "{ type: folder, path: \"%s\" }".formatted(whole.resolve("final")),
            "lora: { rank: 4, alpha: 16 }\n");
    String merged = said("--model", adapted);
    assertThat(merged).isNotEqualTo(answer);
    assertThat(said("--model", whole, "--adapter", adapted)).isEqualTo(merged);
    assertThat(said("--model", whole, "--adapter", adapted.resolve("adapter"))).isEqualTo(merged);
    assertThat(adapted.resolve("adapter/eosin.json"))
        .hasSameBinaryContentAs(whole.resolve("final/eosin.json"));
    mayBeInt8(whole);
  }

  private void mayBeInt8(Path whole) throws IOException {
    Path narrow =
        trained(
            "narrow",
            "{ type: folder, path: \"%s\", base: int8 }".formatted(whole.resolve("final")),
            "lora: { rank: 4, alpha: 16 }\n");
    assertThat(Files.readString(narrow.resolve("recipe.yaml"))).contains("base: int8");
    CommandRun asked =
        CommandRun.of(
            "generate",
            "--model",
            whole,
            "--adapter",
            narrow,
            "--base",
            "int8",
            "--prompt",
            "is it?",
            "--max-new-tokens",
            4,
            "--device",
            "cpu");
    assertThat(asked.code()).as(asked.err()).isZero();
    assertThat(asked.err())
        .contains("7 of 11 tensors, 8,704 weights of linears, are rounded to int8 in memory")
        .contains("bytes instead of 34,816");
  }

  @Test
  void aModelThatSeesSaysThatItWasShownNothing() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("sees"));
    CommandRun asked =
        CommandRun.of(
            "generate",
            "--model",
            model,
            "--prompt",
            "is it?",
            "--max-new-tokens",
            2,
            "--device",
            "cpu");
    assertThat(asked.code()).as(asked.err()).isZero();
    assertThat(asked.err()).contains("sees images, and none is shown");
  }
}
