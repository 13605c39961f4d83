package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `type: validation` measures depends on the model and the set, not on how it is cut.
class ValidationTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final String NAME = "pairs";
  @TempDir private Path home;
  private SmallRun run;

  @BeforeEach
  void writeRecipe() throws IOException {
    run = SmallRun.in(home);
    run.train("evaluate=[]");
  }

  private Map<String, Double> metrics(String... overrides) throws IOException {
    try (LoadedRun loaded = LoadedRun.newest(ENGINE, run, List.of(overrides))) {
      return loaded.evaluations().getOrDefault(NAME, Map.of());
    }
  }

  private double loss(String... overrides) throws IOException {
    return Objects.requireNonNull(metrics(overrides).get("loss"));
  }

  @Test
  void retrievalIsTheSameForEveryBatch() throws IOException {
    Map<String, Double> whole = metrics("batch.global=16");
    assertThat(whole).hasSize(11).containsKey("text_to_image_median_rank");
    assertThat(whole.get("image_to_text_recall_at_1")).isLessThan(1);
    for (String batch : List.of("batch.global=4", "batch.global=7")) {
      Map<String, Double> parts = metrics(batch);
      assertThat(parts.get("loss")).isLessThan(whole.get("loss"));
      whole.forEach(
          (name, value) -> {
            if (!name.equals("loss")) {
              assertThat(parts.get(name)).as(name).isCloseTo(value, within(1e-12));
            }
          });
    }
  }

  /// The loss is that of batches, whose rows are drawn from the whole set by the run's seed.
  @Test
  void theLossIsOfBatchesInAFixedRandomOrder() throws IOException {
    double first = loss("batch.global=4");
    assertThat(loss("batch.global=4")).isEqualTo(first);
    assertThat(loss("batch.global=4", "seed=8")).isNotEqualTo(first);
    assertThat(loss("batch.global=16", "seed=8")).isCloseTo(loss("batch.global=16"), within(1e-5));
  }
}
