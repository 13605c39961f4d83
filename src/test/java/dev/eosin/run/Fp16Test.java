package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointContent;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole runs in fp16: they learn, leave steps out where a gradient overflows, and resume to the
/// bit.
class Fp16Test {
  private static final String[] OVERRIDES = {
    "precision=fp16", "data.train.samples=8", "evaluate=[]", "schedule.length=18 steps"
  };

  /// Far above what the gradients of so small a model bear.
  private static final double FIRST_SCALE = 0x1p19;

  @TempDir Path home;

  @Test
  void stepsAreLeftOutUntilTheScaleFitsAndTheRunLearnsAndResumesToTheBit() throws IOException {
    SmallRun whole = SmallRun.in(home.resolve("whole"));
    begin(whole);
    SmallRun parts = whole.copyTo(home.resolve("parts"));
    begin(parts);
    var notes = new SmallRun.Notes();
    whole.train(SmallRun.TO_THE_END, notes, OVERRIDES);

    assertThat(notes.all())
        .contains("precision: fp16 with fp32 masters and a loss scale, as the recipe says");
    List<JsonNode> rows = whole.rows();
    int skipped = rows.getLast().get("skipped_steps").asInt();
    assertThat(skipped).isBetween(3, 14);
    assertThat(rows.getLast().get("loss_scale").asDouble())
        .isEqualTo(Math.scalb(FIRST_SCALE, -skipped));
    assertThat(notes.all())
        .filteredOn(note -> note.contains("nothing of this step was applied"))
        .hasSize(skipped);
    // The first ones are left out, so the logit scale is still where it began.
    assertThat(rows.get(2).get("grad_norm").isNull()).isTrue();
    assertThat(rows.get(2).get("logit_scale").asDouble()).isCloseTo(1 / 0.07, within(1e-5));
    assertThat(rows.getLast().get("grad_norm").asDouble()).isBetween(0.0, 100.0);
    assertThat(losses(whole).getLast()).isLessThan(losses(whole).getFirst() - 0.1);
    parts.train(2, new SmallRun.Notes(), OVERRIDES);
    parts.train(13, new SmallRun.Notes(), OVERRIDES);
    parts.train(OVERRIDES);
    parts.assertEndedLike(whole);
  }

  /// Update n keeps (1 + n) / (10 + n) of the average, however many steps were left out before.
  @Test
  void theAverageCountsUpdatesAndNotTheStepsLeftOut() throws IOException {
    SmallRun run = SmallRun.in(home);
    String[] averaged =
        Stream.concat(
                Arrays.stream(OVERRIDES),
                Stream.of("ema={decay: 0.9}", "output.checkpoint-every=1 steps", "output.keep=20"))
            .toArray(String[]::new);
    run.train(0, new SmallRun.Notes(), averaged);
    float[] before = tensor(run.checkpoint(0), "model", "image.projection");
    scaled(run, FIRST_SCALE);
    run.train(averaged);
    long first =
        run.rows().stream()
            .filter(row -> !row.get("grad_norm").isNull())
            .findFirst()
            .orElseThrow()
            .get("step")
            .asLong();
    assertThat(first).isGreaterThan(3);
    float[] after = tensor(run.checkpoint(first), "model", "image.projection");
    float[] average = tensor(run.checkpoint(first), "average", "image.projection");
    double kept = 2.0 / 11;
    for (int i = 0; i < average.length; i++) {
      assertThat((double) average[i])
          .isCloseTo(kept * before[i] + (1 - kept) * after[i], within(1e-7));
    }
  }

  private static float[] tensor(Path checkpoint, String file, String name) throws IOException {
    try (SafetensorsFile opened = SafetensorsFile.open(checkpoint.resolve(file + ".safetensors"))) {
      return opened.floats(name);
    }
  }

  /// Saves step 0, with another loss scale.
  private static void begin(SmallRun run) throws IOException {
    run.train(0, new SmallRun.Notes(), OVERRIDES);
    scaled(run, FIRST_SCALE);
  }

  private static List<Double> losses(SmallRun run) throws IOException {
    return run.rows().stream().map(row -> row.get("loss").asDouble()).toList();
  }

  /// Saves the newest checkpoint again with another loss scale.
  private static void scaled(SmallRun run, double scale) throws IOException {
    var store = new CheckpointStore(run.folder().resolve("checkpoints"), 1, "test");
    Checkpoint newest = store.newestValid().checkpoint().orElseThrow();
    Path aside = run.folder().resolveSibling(run.folder().getFileName() + "-aside");
    Files.move(newest.folder(), aside);
    CheckpointState state = newest.state();
    var more = new HashMap<>(state.more());
    more.put("precision.loss-scale", Double.toString(scale));
    store.save(
        new CheckpointContent(
            new CheckpointState(
                state.step(),
                state.samples(),
                state.dataPosition(),
                state.seed(),
                state.lastEvaluatedStep(),
                state.score(),
                state.best(),
                more),
            out -> Files.copy(aside.resolve("model.safetensors"), out),
            out -> Files.copy(aside.resolve("optimizer.safetensors"), out),
            average(aside)));
  }

  private static Map<String, FileContent> average(Path checkpoint) {
    Path average = checkpoint.resolve("average.safetensors");
    return Files.exists(average)
        ? Map.of("average.safetensors", out -> Files.copy(average, out))
        : Map.of();
  }
}
