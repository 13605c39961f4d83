package dev.eosin.train;

import java.io.IOException;
import java.util.List;

/// Told by a training loop what happens, in order, on the loop's thread.
public interface TrainingObserver extends AutoCloseable {
  /// At the beginning of each part of a step; the last one ends with [#step].
  default void begins(StepPhase phase) {}

  /// After every update.
  void step(StepReport report) throws IOException;

  /// After every evaluation.
  void evaluation(EvaluationReport report) throws IOException;

  /// Something a person should know: a checkpoint saved, a stop requested.
  void note(String message) throws IOException;

  /// Several such things, one after the other.
  default void notes(List<String> messages) throws IOException {
    for (String message : messages) {
      note(message);
    }
  }

  /// Before a checkpoint is saved: what was told so far must outlast a power cut by then, since a
  /// run that goes on from the checkpoint does not tell it again.
  default void sync() throws IOException {}

  @Override
  void close() throws IOException;
}
