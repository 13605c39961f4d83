package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.RecipeException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Options that cannot go together are refused before anything is written, naming both and the way
/// out.
class RefusedOptionsTest {
  @TempDir Path home;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "schedule={type: cool-down, warmup: 1 steps, length: 4 steps, cool-down: 5 steps} | schedule.cool-down | 5 steps and schedule.warmup of 1 step are longer than the run of 4 steps; shorten",
        "schedule={type: cool-down, warmup: 50 %, length: 4 steps, cool-down: 60 %} | schedule.cool-down | 60 % and schedule.warmup of 50 % are longer than the run of 4 steps; shorten",
        "schedule={type: cool-down, warmup: 0 steps, length: 4 steps, cool-down: 1 steps, end-lr: 0.1} | schedule.end-lr | 0.1 is above optimizer.lr of 0.001",
        "schedule={type: cosine, warmup: 5 steps, length: 4 steps} | schedule.warmup | is longer than the run of 4 steps",
        "batch.micro=9 | batch.micro | 9 pairs at once are more than the 8 of a step",
        "evaluate=[{type: validation, every: 1 steps}, {type: validation, every: 2 steps}] | evaluate.1.name | is taken by another one"
      })
  void bothAreNamedAndNothingIsWritten(String override, String key, String reason)
      throws IOException {
    SmallRun run = SmallRun.in(home);
    assertThatThrownBy(() -> run.train(override))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(reason);
    assertThat(run.folder()).doesNotExist();
  }
}
