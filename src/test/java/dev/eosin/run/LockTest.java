package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.RecipeException;
import dev.eosin.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A run with locked towers: of the image tower, last block and projection are trained, of the text
/// tower the projection.
class LockTest {
  private static final String[] LOCKED = {
    "lock.image-tower.unlocked-groups=2", "lock.text-tower.unlocked-groups=1"
  };

  @TempDir Path home;

  private static Map<String, float[]> weights(Path checkpoint) throws IOException {
    var weights = new TreeMap<String, float[]>();
    try (SafetensorsFile file = SafetensorsFile.open(checkpoint.resolve("model.safetensors"))) {
      for (String name : file.names()) {
        weights.put(name, file.entry(name).floats());
      }
    }
    return weights;
  }

  private static boolean trained(String name) {
    return name.startsWith("image.blocks.1.")
        || name.startsWith("image.post-norm.")
        || name.endsWith(".projection")
        || name.equals("logit-scale");
  }

  @Test
  void lockedWeightsStayToTheBitAndHaveNoOptimiserState() throws IOException {
    SmallRun run = SmallRun.in(home);
    run.train(0, new SmallRun.Notes(), LOCKED);
    Map<String, float[]> before = weights(run.checkpoint(0));
    run.train(LOCKED);
    Map<String, float[]> after = weights(run.newestCheckpoint());
    assertThat(after.keySet()).isEqualTo(before.keySet());
    after.forEach(
        (name, values) -> {
          if (trained(name)) {
            assertThat(values).as(name).isNotEqualTo(before.get(name));
          } else {
            assertThat(values).as(name).isEqualTo(before.get(name));
          }
        });
    try (SafetensorsFile moments =
        SafetensorsFile.open(run.newestCheckpoint().resolve("optimizer.safetensors"))) {
      assertThat(moments.names())
          .hasSize(2 * (int) after.keySet().stream().filter(LockTest::trained).count())
          .allMatch(name -> trained(name.substring(name.indexOf('.') + 1)));
    }
  }

  @Test
  void aLockedRunResumesExactly() throws IOException {
    SmallRun whole = SmallRun.in(home.resolve("whole"));
    whole.train(LOCKED);
    SmallRun stopped = whole.copyTo(home.resolve("stopped"));
    assertThat(stopped.train(3, new SmallRun.Notes(), LOCKED)).isEqualTo(Trainer.End.STOPPED);
    stopped.train(LOCKED);
    stopped.assertEndedLike(whole);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4 | 2 | lock.image-tower.unlocked-groups | the tower has 4 groups",
        "2 | 3 | lock.text-tower.unlocked-groups | the tower has 3 groups",
        "0 | 0 | lock | nothing but the logit scale would be trained"
      })
  void aLockThatMakesNoSenseIsRefused(int image, int text, String key, String reason)
      throws IOException {
    SmallRun run = SmallRun.in(home);
    assertThatThrownBy(
            () ->
                run.train(
                    "lock.image-tower.unlocked-groups=" + image,
                    "lock.text-tower.unlocked-groups=" + text))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(reason);
  }
}
