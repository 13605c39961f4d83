package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.RecipeException;
import dev.eosin.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptimizerGroupsTest {
  private static final String[] ALL = {
    "optimizer.groups=[{match: 'text.**', lr-scale: 0.1, weight-decay: 0}]",
    "optimizer.layer-decay=0.75",
    "lock.image-tower.unlocked-groups=3"
  };

  @TempDir Path home;

  @Test
  void aRunWithGroupsLayerDecayAndALockResumesExactly() throws IOException {
    SmallRun whole = SmallRun.in(home.resolve("whole"));
    whole.train(ALL);
    SmallRun stopped = whole.copyTo(home.resolve("stopped"));
    assertThat(stopped.train(4, new SmallRun.Notes(), ALL)).isEqualTo(Trainer.End.STOPPED);
    stopped.train(ALL);
    stopped.assertEndedLike(whole);
  }

  @Test
  void aPatternOfLockedWeightsIsRefusedBeforeAnythingStarts() throws IOException {
    SmallRun run = SmallRun.in(home);
    assertThatThrownBy(
            () ->
                run.train(
                    "lock.text-tower.unlocked-groups=1",
                    "optimizer.groups=[{match: text.token-embedding, lr-scale: 0.1}]"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("optimizer.groups.0.match")
        .hasMessageContaining("names near it: text.projection");
  }
}
