package dev.eosin.recipe.trained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.run.SmallRun;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A length in epochs becomes one in updates.
class EpochsTest {
  @TempDir private Path home;

  private long length(String... overrides) throws IOException {
    SmallRun run = SmallRun.in(home);
    return TrainableRecipe.read(run.recipe(), List.of(overrides)).schedule().length().value();
  }

  @Test
  void epochsAreCountedInTheTrainingData() throws IOException {
    // 40 samples in batches of 8.
    assertThat(length("schedule.length=3 epochs")).isEqualTo(15);
    assertThat(length("schedule.length=1 epoch", "batch.global=7")).isEqualTo(6);
    assertThat(length("schedule.length=0.5epochs")).isEqualTo(3);
    assertThat(length("schedule.length=9 steps")).isEqualTo(9);
  }

  @Test
  void aLastUpdateThatIsNotFullCounts() {
    assertThat(new Epochs(new BigDecimal("0.1")).updates(7_180, 64)).isEqualTo(12);
    assertThat(new Epochs(BigDecimal.TWO).updates(1L << 40, 2)).isEqualTo(1L << 40);
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatThrownBy(() -> length("schedule.length=0 epochs"))
        .hasMessageContaining("a run needs more than 0 epochs");
    assertThatThrownBy(() -> length("schedule.length=three epochs"))
        .hasMessageContaining("schedule.length");
    assertThatThrownBy(
            () ->
                length(
                    "schedule.length=1 epoch",
                    "data.train={type: csv, path: \"%s\", columns: {image: a, caption: b}}"
                        .formatted(home.resolve("none.csv"))))
        .hasMessageContaining("none.csv");
  }
}
