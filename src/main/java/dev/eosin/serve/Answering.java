package dev.eosin.serve;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// An answer while it is made: the model's thread adds to it and never waits for who reads.
final class Answering implements Consumer<String> {
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private volatile boolean cancelled;

  /// What happens to an answer.
  sealed interface Event {
    /// More of its text.
    record Piece(String text) implements Event {}

    /// All of it is there.
    record End(String whole) implements Event {}

    record Failed(Throwable cause) implements Event {}
  }

  /// Adds a piece.
  ///
  /// @throws CancellationException when nobody wants the rest, which ends the model's work
  @Override
  public void accept(String piece) {
    if (cancelled) {
      throw new CancellationException("nobody waits for the rest of this answer");
    }
    events.add(new Event.Piece(piece));
  }

  void end(String whole) {
    events.add(new Event.End(whole));
  }

  void fail(Throwable cause) {
    events.add(new Event.Failed(cause));
  }

  boolean isCancelled() {
    return cancelled;
  }

  /// Nobody wants the rest.
  void cancel() {
    cancelled = true;
  }

  /// What comes next.
  ///
  /// @throws ApiException when it is late
  /// @throws ExecutionException when the model failed
  Event next(Deadline deadline) throws ApiException, ExecutionException, InterruptedException {
    Event event = events.poll(deadline.left(), TimeUnit.NANOSECONDS);
    if (event == null) {
      cancel();
      throw ApiException.late("the answer takes longer than this server waits; ask for less");
    }
    if (event instanceof Event.Failed(Throwable cause)) {
      throw new ExecutionException(cause);
    }
    return event;
  }
}
