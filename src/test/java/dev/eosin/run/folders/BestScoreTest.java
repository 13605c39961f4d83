package dev.eosin.run.folders;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.CheckpointState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a finished run says of its best score.
class BestScoreTest {
  @TempDir private Path home;

  private Optional<String> note(double last, List<Long> kept) throws IOException {
    var end =
        new CheckpointState(
            60,
            960,
            960,
            7,
            OptionalLong.of(60),
            OptionalDouble.of(last),
            Optional.of(new CheckpointState.Best("tiles.zero_shot_top1", 0.5, 20)),
            Map.of());
    try (RunFolder folder = RunFolder.open(home.resolve("run"), false)) {
      return BestScore.note(end, kept, folder);
    }
  }

  @Test
  void aBetterStepIsNamedWithItsCheckpoint() throws IOException {
    assertThat(note(0.4, List.of(20L, 40L, 60L)).orElseThrow())
        .startsWith("tiles.zero_shot_top1 was best after step 20, 0.5000; its checkpoint stays in ")
        .endsWith("final is of the last step");
    assertThat(note(0.4, List.of(40L, 60L)).orElseThrow()).contains("no checkpoint was due there");
  }

  @Test
  void aLastStepThatIsAsGoodNeedsNoWord() throws IOException {
    assertThat(note(0.5, List.of(20L, 60L))).isEmpty();
  }
}
