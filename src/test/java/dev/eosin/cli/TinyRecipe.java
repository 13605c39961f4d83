package dev.eosin.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A CLIP recipe that trains two steps in a second or two, and the command line to run it with.
///
/// The presets are not small enough: most of `tiny` is the embedding of 49,408 tokens.
public final class TinyRecipe {
  public static final int SAMPLES = 24;

  private static final String MODEL =
      """
      {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}
      }
      """;

  private static final String RECIPE =
      """
      kind: clip
      seed: 7
      compute: { device: cpu, threads: 1 }
      model: { config: "%s", weights: { type: random } }
      data:
        train: { type: synthetic, samples: %d, tile: 32 px }
        validation: { type: synthetic, samples: %d, split: validation, tile: 32 px }
        image: { size: 32 px }
        text: { length: 16 }
        workers: 1
      batch: { global: 8 }
      optimizer: { type: adamw, lr: 1.0e-3, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1, clip-norm: 1.0 }
      schedule: { type: cosine, warmup: 50 %%, length: 2 steps }
      precision: fp32
      evaluate:
        - { type: zero-shot, name: tiles, prompts: ["An H&E image of {}."], every: 2 steps, bootstrap: 20 }
        - { type: validation, name: pairs, every: 2 steps }
      output: { dir: "%s", checkpoint-every: 1 steps, keep: 1 }
      """;

  public final Path recipe;
  public final Path run;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private TinyRecipe(Path recipe, Path run) {
    this.recipe = recipe;
    this.run = run;
  }

  /// Writes the recipe and its model into `folder`.
  public static TinyRecipe in(Path folder) throws IOException {
    Path model = Files.writeString(folder.resolve("model.json"), MODEL);
    Path run = folder.resolve("run");
    String text = RECIPE.formatted(model, SAMPLES, SAMPLES, run);
    return new TinyRecipe(Files.writeString(folder.resolve("tiny.yaml"), text), run);
  }

  /// Changes the recipe's text.
  public TinyRecipe with(String before, String after) throws IOException {
    String text = Files.readString(recipe);
    if (!text.contains(before)) {
      throw new IllegalArgumentException("the recipe has no '" + before + "'");
    }
    Files.writeString(recipe, text.replace(before, after));
    return this;
  }

  /// Runs `eosin COMMAND RECIPE ARGUMENTS`.
  ///
  /// @param command one word or more
  /// @return the exit code
  public int eosin(String command, String... arguments) {
    List<String> line = new ArrayList<>(List.of(command.split(" ")));
    line.add(recipe.toString());
    line.addAll(List.of(arguments));
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(line.toArray(String[]::new));
  }

  /// What the commands so far have printed.
  public String out() {
    return out.toString();
  }

  /// What the commands so far have complained about or reported.
  public String err() {
    return err.toString();
  }
}
