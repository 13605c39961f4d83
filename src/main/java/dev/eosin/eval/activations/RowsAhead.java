package dev.eosin.eval.activations;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Reads what rows are made of, ahead of whoever asks.
///
/// @param workers threads that read
/// @param ahead rows that are read ahead at most
public record RowsAhead(int workers, int ahead) {
  /// What a row is made of now, as a digest.
  @FunctionalInterface
  public interface Now {
    /// @return empty where it cannot be read, or is no file
    Optional<String> of(long row) throws IOException;
  }

  /// What it was made of before.
  @FunctionalInterface
  public interface Before {
    Optional<String> of(long row);
  }

  /// How many of the first rows are made of what they were made of before.
  ///
  /// @throws IOException when a row breaks the rules of its table
  public long unchanged(long rows, Now now, Before before) throws IOException {
    Deque<Future<Optional<String>>> waiting = new ArrayDeque<>();
    try (ExecutorService readers = Executors.newFixedThreadPool(workers)) {
      try {
        long next = 0;
        for (long row = 0; row < rows; row++) {
          for (; next < rows && waiting.size() < ahead; next++) {
            long wanted = next;
            waiting.add(readers.submit(() -> now.of(wanted)));
          }
          if (!joined(waiting.remove()).equals(before.of(row))) {
            return row;
          }
        }
      } finally {
        waiting.forEach(each -> each.cancel(true));
      }
    }
    return rows;
  }

  /// What a reader found.
  public static <T> T joined(Future<T> read) throws IOException {
    try {
      return read.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
