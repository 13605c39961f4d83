package dev.eosin.run.folders;

import dev.eosin.checkpoint.CheckpointState;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Says where a finished run was at its best, if that was not at its end.
public final class BestScore {
  private BestScore() {}

  /// @param end of the run
  /// @param kept steps whose checkpoints are there
  public static Optional<String> note(CheckpointState end, List<Long> kept, RunFolder folder) {
    return end.best()
        .filter(best -> best.score() > end.score().orElse(Double.NEGATIVE_INFINITY))
        .map(
            best ->
                String.format(
                        Locale.ROOT,
                        "%s was best after step %d, %.4f",
                        best.metric(),
                        best.step(),
                        best.value())
                    + whereabouts(best.step(), kept, folder));
  }

  /// Says that the best weights are exported.
  public static String exported(CheckpointState.Best best, RunFolder folder) {
    return String.format(
        Locale.ROOT,
        "%s is of step %d, where %s was best, %.4f",
        folder.exported(),
        best.step(),
        best.metric(),
        best.value());
  }

  private static String whereabouts(long step, List<Long> kept, RunFolder folder) {
    return kept.contains(step)
        ? "; its checkpoint stays in %s, and %s is of the last step"
            .formatted(folder.checkpoints(), folder.exported())
        : "; no checkpoint was due there: evaluate at steps of output.checkpoint-every, or name best.metric";
  }
}
