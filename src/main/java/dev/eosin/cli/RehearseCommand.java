package dev.eosin.cli;

import dev.eosin.checkpoint.CheckpointContent;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.cli.recipes.DoctorCommand;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.file.AtomicFile;
import dev.eosin.recipe.models.BlankModel;
import dev.eosin.recipe.models.StoredRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Runs the commands that answer at once, in silence. The launcher has Java watch it and keep what
/// was loaded and linked on the way (Java's AOT cache), so that those commands start quickly.
@Command(name = "rehearse", hidden = true)
final class RehearseCommand implements Callable<Integer> {
  private static final String RECIPE =
      """
      kind: clip
      seed: 1
      model: { preset: tiny, weights: { type: random } }
      data:
        train: { type: synthetic, split: train, samples: 64, tile: 64 px }
        image: { size: 64 px }
        text: { tokenizer: { type: clip-bpe }, length: 48 }
      batch: { global: 8 }
      optimizer: { type: adamw, lr: %s, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1 }
      schedule: { type: cosine, warmup: 5 %%, length: 8 steps }
      precision: fp32
      output: { dir: run, checkpoint-every: 4 steps, keep: 1 }
      """;

  private static final String LOG =
      """
      {"step":0,"eval":"tiles","zero_shot_top1":0.5,"time":"2026-01-01T00:00:00Z"}
      {"step":4,"loss":2.5,"lr":1.0E-4,"grad_norm":1.0,"images_per_s":9.0,"time":"2026-01-01T00:00:01Z"}
      {"step":8,"eval":"tiles","zero_shot_top1":0.6,"time":"2026-01-01T00:00:02Z"}
      """;

  @Parameters(paramLabel = "DIR", description = "An empty folder for what is looked at.")
  private Path folder = Path.of("");

  @Override
  public Integer call() throws IOException {
    Path first = run(folder.resolve("a"), "1.0e-3");
    Path second = run(folder.resolve("b"), "2.0e-3");
    Path weights = folder.resolve("model.safetensors");
    AtomicFile.write(weights, BlankModel.of(first.resolve(StoredRun.RECIPE)));
    rehearsed("--help");
    rehearsed("schema", "--help");
    rehearsed("schema");
    rehearsed("runs", folder.toString());
    rehearsed("diff", first.toString(), second.toString());
    rehearsed("inspect", weights.toString());
    save(first);
    rehearsed("inspect", first.toString());
    DoctorCommand.loadAhead();
    rehearsed("doctor", "--dir", folder.toString());
    return ExitCode.DONE;
  }

  private static void rehearsed(String... arguments) {
    var silent = new PrintWriter(Writer.nullWriter());
    Main.commandLine(List.of(arguments)).setOut(silent).setErr(silent).execute(arguments);
  }

  private static Path run(Path folder, String rate) throws IOException {
    Files.createDirectories(folder.resolve("checkpoints"));
    Files.writeString(folder.resolve("recipe.yaml"), RECIPE.formatted(rate));
    Files.writeString(folder.resolve("log.jsonl"), LOG);
    return folder;
  }

  /// Gives a run a checkpoint, a small one: what takes digests of much here is kept as the quick
  /// compiler made it, without the processor's instructions for that.
  private static void save(Path run) throws IOException {
    var nothing = new SafetensorsWriter(Map.of());
    new CheckpointStore(run.resolve("checkpoints"), 1, "")
        .save(new CheckpointContent(CheckpointState.beginning(1, Map.of()), nothing, nothing));
  }
}
