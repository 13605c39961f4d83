package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.StepReport;
import dev.eosin.train.Trainer;
import dev.eosin.train.TrainingObserver;
import dev.eosin.train.logs.RunLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/// A CLIP recipe of a few thousand weights beside its vocabulary, on drawn tiles of 32 px, that
/// trains twelve steps in about a second; and the runs made with it.
///
/// @param recipe the file
/// @param folder the run folder
public record SmallRun(Path recipe, Path folder) {
  /// Updates in the whole run, unless overridden.
  public static final int LENGTH = 12;

  /// For a run that nobody asks to stop.
  public static final int TO_THE_END = Integer.MAX_VALUE;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MODEL =
      """
      {"embed_dim": 32,
       "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8},
       "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}}
      """;
  private static final String RECIPE =
      """
      kind: clip
      seed: 7
      compute: { device: cpu, threads: 1 }
      model: { config: "%s", weights: { type: random } }
      data:
        train: { type: synthetic, split: train, samples: 40, tile: 32 px }
        validation: { type: synthetic, split: validation, samples: 16, tile: 32 px }
        image: { size: 32 px, crop-scale: [0.5, 1.0], flip-horizontal: true }
        text: { length: 16 }
        workers: 2
      batch: { global: 8 }
      optimizer: { type: adamw, lr: 1.0e-3, betas: [0.9, 0.98], eps: 1.0e-6, weight-decay: 0.1, clip-norm: 1.0 }
      schedule: { type: cosine, warmup: 25 %%, length: %d steps }
      precision: fp32
      evaluate:
        - { type: zero-shot, name: tiles, prompts: ["An H&E image of {}."], every: 4 steps, bootstrap: 10 }
        - { type: validation, name: pairs, every: 3 steps }
      output: { dir: "%s", checkpoint-every: 5 steps, keep: 2 }
      logging: { tensorboard: false }
      """;

  /// Writes the recipe and its model config into `home`; the run folder is `home/run`.
  public static SmallRun in(Path home) throws IOException {
    Files.createDirectories(home);
    Path model = Files.writeString(home.resolve("model.json"), MODEL);
    SmallRun run = new SmallRun(home.resolve("recipe.yaml"), home.resolve("run"));
    Files.writeString(run.recipe, RECIPE.formatted(model, LENGTH, run.folder));
    return run;
  }

  /// The same recipe in another run folder.
  public SmallRun copyTo(Path other) throws IOException {
    Path file = other.resolveSibling(other.getFileName() + ".yaml");
    String moved = Files.readString(recipe).replace("\"" + folder + "\"", "\"" + other + "\"");
    return new SmallRun(Files.writeString(file, moved), other);
  }

  /// Trains to the end in this process, as `eosin train` does.
  public Trainer.End train(String... overrides) throws IOException {
    return train(TO_THE_END, new Notes(), overrides);
  }

  /// Trains in this process, as `eosin train` does, until asked to stop after `steps` updates.
  public Trainer.End train(int steps, Notes notes, String... overrides) throws IOException {
    long last = notes.updates + (long) steps;
    return train(() -> notes.updates >= last, notes, overrides);
  }

  /// Trains in this process, as `eosin train` does, until `stop` says so.
  public Trainer.End train(BooleanSupplier stop, Notes notes, String... overrides)
      throws IOException {
    TrainableRecipe read = TrainableRecipe.read(recipe, Arrays.asList(overrides));
    try (RunFolder opened = RunFolder.open(read.output().dir(), false)) {
      notes.all().addAll(opened.changes(recipe, read.resolved()));
      return new Run(read, opened, "test", stop)
          .run((place, start, data) -> notes.beside(log(place, start)));
    }
  }

  private static RunLog log(RunFolder place, CheckpointState start) throws IOException {
    return RunLog.open(place.log(), start.step(), start.lastEvaluatedStep());
  }

  /// The rows of `log.jsonl` without speeds and times, which no two runs share.
  public List<JsonNode> rows() throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("log.jsonl"))) {
      ObjectNode row = (ObjectNode) JSON.readTree(line);
      row.remove(List.of("images_per_s", "data_wait", "time"));
      rows.add(row);
    }
    return rows;
  }

  /// The last training row that a process has finished writing; 0 before the first.
  public long lastLoggedStep() throws IOException {
    Path log = folder.resolve("log.jsonl");
    String text = Files.exists(log) ? Files.readString(log) : "";
    return text.substring(0, text.lastIndexOf('\n') + 1)
        .lines()
        .filter(line -> line.contains("\"loss\"") && !line.contains("\"eval\""))
        .mapToLong(line -> Long.parseLong(line.replaceAll("^\\{\"step\":(\\d+),.*", "$1")))
        .reduce(0, (before, last) -> last);
  }

  public List<Long> checkpointSteps() throws IOException {
    return new CheckpointStore(folder.resolve("checkpoints"), 1, "test").steps();
  }

  public Path checkpoint(long step) {
    return folder.resolve("checkpoints").resolve("step-%08d".formatted(step));
  }

  public Path newestCheckpoint() throws IOException {
    return checkpoint(checkpointSteps().getLast());
  }

  /// Both runs ended with the same weights and moments, bit for bit, and the same log.
  public void assertEndedLike(SmallRun other) throws IOException {
    assertThat(newestCheckpoint().getFileName()).isEqualTo(other.newestCheckpoint().getFileName());
    for (String name : List.of("model.safetensors", "optimizer.safetensors")) {
      assertThat(newestCheckpoint().resolve(name))
          .hasSameBinaryContentAs(other.newestCheckpoint().resolve(name));
    }
    assertThat(folder.resolve("final/open_clip_model.safetensors"))
        .hasSameBinaryContentAs(other.folder.resolve("final/open_clip_model.safetensors"));
    assertThat(rows()).isEqualTo(other.rows());
  }

  /// What a run tells its user, and a way to end it as abruptly as a kill does.
  public static class Notes {
    private final List<String> all = new ArrayList<>();
    private final long dieAfter;
    private long updates;

    public Notes() {
      this(Long.MAX_VALUE);
    }

    private Notes(long dieAfter) {
      this.dieAfter = dieAfter;
    }

    /// Fails right after the log has the row of `step`, so that nothing is saved any more.
    public static Notes dyingAfter(long step) {
      return new Notes(step);
    }

    /// Updates seen so far, over all runs that it was beside.
    public long updates() {
      return updates;
    }

    public List<String> all() {
      return all;
    }

    /// Called with each message, in the middle of the run.
    void told(String message) throws IOException {
      all.add(message);
    }

    public TrainingObserver beside(RunLog log) {
      return new TrainingObserver() {
        @Override
        public void step(StepReport report) throws IOException {
          log.step(report);
          updates++;
          if (report.step() == dieAfter) {
            throw new IOException("died after step " + dieAfter);
          }
        }

        @Override
        public void evaluation(EvaluationReport report) throws IOException {
          log.evaluation(report);
        }

        @Override
        public void note(String message) throws IOException {
          told(message);
        }

        @Override
        public void close() throws IOException {
          log.close();
        }
      };
    }
  }
}
