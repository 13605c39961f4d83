package dev.eosin.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.RecipeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void aLockBesideAdaptersIsRefused() throws IOException {
    SmallRun run = SmallRun.in(home.resolve("locked"));
    assertThatThrownBy(
            () -> run.train(LORA[0], LORA[1], "lock={image-tower: {unlocked-groups: 1}}"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("leave lock out");
  }
}
