package dev.eosin.group;

import java.time.Duration;

/// How long ranks wait for each other before the job is ended.
///
/// @param startUp while data and weights are opened
/// @param collective in training
/// @param checkpoint while the first rank writes a checkpoint or the model
public record WaitLimits(Duration startUp, Duration collective, Duration checkpoint) {
  /// Half an hour for what reads and writes large files; ten minutes for what computes.
  public static final WaitLimits USUAL =
      new WaitLimits(Duration.ofMinutes(30), Duration.ofMinutes(10), Duration.ofMinutes(30));

  Duration of(Group.Work work) {
    return switch (work) {
      case START_UP -> startUp;
      case TRAINING -> collective;
      case CHECKPOINT -> checkpoint;
    };
  }
}
