package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.spec.ClipLayouts;
import dev.eosin.config.RecipeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whole runs that train low-rank adapters.
class LoraRunTest {
  private static final String[] LORA = {
    "lora={rank: 4, alpha: 8, dropout: 0.2}", "data.train.samples=8", "optimizer.lr=1e-2"
  };
  @TempDir static Path home;

  @Test
  void aRunLearnsWithTheModelUntouchedAndResumesToTheBit() throws IOException {
    SmallRun whole = SmallRun.in(home.resolve("whole"));
    whole.train(LORA);
    SmallRun halves = whole.copyTo(home.resolve("halves"));
    halves.train(7, new SmallRun.Notes(), LORA);
    halves.train(LORA);

    halves.assertEndedLike(whole);
    for (String name : List.of("adapter_model.safetensors", "adapter_config.json")) {
      assertThat(halves.folder().resolve("adapter").resolve(name))
          .hasSameBinaryContentAs(whole.folder().resolve("adapter").resolve(name));
    }
    List<Double> losses =
        whole.rows().stream()
            .filter(row -> !row.has("eval"))
            .map(row -> row.get("loss").asDouble())
            .toList();
    assertThat(losses.getLast()).isLessThan(losses.getFirst());
    modelStays(whole.checkpoint(10), whole.checkpoint(12));
    try (SafetensorsFile moments =
        SafetensorsFile.open(whole.checkpoint(12).resolve("optimizer.safetensors"))) {
      assertThat(moments.names()).allMatch(name -> name.contains("lora") || name.contains("logit"));
    }
  }

  /// Between two checkpoints nothing changes but the adapters and the logit scale.
  private static void modelStays(Path early, Path late) throws IOException {
    try (SafetensorsFile before = SafetensorsFile.open(early.resolve("model.safetensors"));
        SafetensorsFile after = SafetensorsFile.open(late.resolve("model.safetensors"))) {
      assertThat(before.names()).anyMatch(name -> name.endsWith("lora-a"));
      for (String name : before.names()) {
        boolean trained = name.contains("lora") || name.startsWith("logit");
        if (trained) {
          assertThat(before.floats(name)).as(name).isNotEqualTo(after.floats(name));
        } else {
          assertThat(before.floats(name)).as(name).isEqualTo(after.floats(name));
        }
      }
    }
  }

  @Test
  void aRunDoesNotGoOnWithOtherAdapters() throws IOException {
    SmallRun run = SmallRun.in(home.resolve("other"));
    run.train(2, new SmallRun.Notes(), LORA);
    assertThatThrownBy(() -> run.train("data.train.samples=8"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("was started with { rank: 4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"weights", "average"})
  void aSecondStageStartsFromTheMergedWeights(String part) throws IOException {
    SmallRun first = SmallRun.in(home.resolve("first-" + part));
    String exported = "ema={decay: 0.9, export: %s}".formatted(part.equals("average"));
    first.train(with(LORA, exported, "evaluate=[]", "schedule.length=3 steps"));
    SmallRun second = SmallRun.in(home.resolve("second-" + part));
    var notes = new SmallRun.Notes();
    String weights = "initialise-from={run: %s, part: %s}";
    second.train(0, notes, weights.formatted(first.folder(), part), "evaluate=[]");

    assertThat(notes.all()).anyMatch(note -> note.contains("its adapters merged into them"));
    try (SafetensorsFile taken =
            SafetensorsFile.open(second.checkpoint(0).resolve("model.safetensors"));
        StoredTensors merged = exported(first)) {
      assertThat(taken.names()).noneMatch(name -> name.contains("lora"));
      for (String name : taken.names()) {
        assertThat(largestDifference(taken.floats(name), merged.floats(name)))
            .as(name)
            .isLessThan(1e-6);
      }
    }
  }

  private static double largestDifference(float[] x, float[] y) {
    assertThat(x).hasSameSizeAs(y);
    double largest = 0;
    for (int i = 0; i < x.length; i++) {
      largest = Math.max(largest, Math.abs((double) x[i] - y[i]));
    }
    return largest;
  }

  /// A run's final/ under Eosin's names.
  private static StoredTensors exported(SmallRun run) throws IOException {
    return ClipLayouts.openClip(2, 1)
        .read(
            SafetensorsFile.open(run.folder().resolve("final/open_clip_model.safetensors")),
            Map.of());
  }

  @Test
  void anAdaptedRunIsAdaptedOnceMore() throws IOException {
    SmallRun first = SmallRun.in(home.resolve("once"));
    first.train(with(LORA, "evaluate=[]", "schedule.length=3 steps"));
    SmallRun second = SmallRun.in(home.resolve("twice"));
    String weights = "initialise-from=" + first.folder();
    second.train("lora={rank: 2, alpha: 4}", "evaluate=[]", "schedule.length=3 steps", weights);
    try (StoredTensors before = exported(first);
        StoredTensors after = exported(second)) {
      String adapted = "image.blocks.1.mlp.up.weight";
      assertThat(after.floats(adapted)).isNotEqualTo(before.floats(adapted));
      String locked = "image.projection";
      assertThat(after.floats(locked)).isEqualTo(before.floats(locked));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bf16", "fp16"})
  void lowPrecisionResumesToTheBitWithAverageGroupsAndRecomputation(String precision)
      throws IOException {
    String[] options =
        with(
            LORA,
            "precision=" + precision,
            "ema={decay: 0.9, export: true}",
            "optimizer.layer-decay=0.5",
            "optimizer.groups=[{match: '**.lora-b', lr-scale: 4, weight-decay: 0}]",
            "compute.activations=recompute",
            "batch.micro=3",
            "evaluate=[]");
    SmallRun whole = SmallRun.in(home.resolve("whole-" + precision));
    whole.train(options);
    SmallRun halves = whole.copyTo(home.resolve("halves-" + precision));
    halves.train(7, new SmallRun.Notes(), options);
    halves.train(options);

    halves.assertEndedLike(whole);
    assertThat(halves.newestCheckpoint().resolve("average.safetensors"))
        .hasSameBinaryContentAs(whole.newestCheckpoint().resolve("average.safetensors"));
    modelStays(whole.checkpoint(10), whole.checkpoint(12));
    try (SafetensorsFile average =
        SafetensorsFile.open(whole.checkpoint(12).resolve("average.safetensors"))) {
      assertThat(average.names()).allMatch(name -> name.contains("lora") || name.contains("logit"));
    }
  }

  @Test
  void aGroupOfLockedWeightsIsRefused() throws IOException {
    SmallRun run = SmallRun.in(home.resolve("group"));
    assertThatThrownBy(
            () -> run.train(with(LORA, "optimizer.groups=[{match: '**.weight', lr-scale: 2}]")))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("is the name of no trained weight");
  }

  private static String[] with(String[] some, String... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void aLockBesideAdaptersIsRefused() throws IOException {
    SmallRun run = SmallRun.in(home.resolve("locked"));
    assertThatThrownBy(
            () -> run.train(LORA[0], LORA[1], "lock={image-tower: {unlocked-groups: 1}}"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("leave lock out");
  }
}
