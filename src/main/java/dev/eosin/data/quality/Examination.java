package dev.eosin.data.quality;

import dev.eosin.data.Source;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Looks at many samples of a source with several threads, results in the samples' order.
final class Examination {
  /// Samples that are in the making at once, so that memory does not grow with the source.
  private static final int AHEAD = 1024;

  private Examination() {}

  /// What is asked of one sample.
  @FunctionalInterface
  interface Question<T> {
    T ask(long index) throws IOException;
  }

  /// Takes the answers, in order.
  @FunctionalInterface
  interface Answers<T> {
    void accept(T answer) throws IOException;
  }

  /// `count` indices of a source, evenly spread over it; all of them where it has no more.
  static List<Long> spread(Source source, long count) {
    long taken = Math.min(count, source.size());
    List<Long> indices = new ArrayList<>();
    for (long i = 0; i < taken; i++) {
      indices.add(Math.floorDiv(Math.multiplyExact(i, source.size()), taken));
    }
    return indices;
  }

  /// @throws IOException what a question or an answer threw
  static <T> void run(List<Long> indices, int workers, Question<T> question, Answers<T> answers)
      throws IOException {
    try (ExecutorService pool =
        Executors.newFixedThreadPool(workers, Thread.ofPlatform().daemon().factory())) {
      for (int start = 0; start < indices.size(); start += AHEAD) {
        List<Future<T>> asked = new ArrayList<>();
        for (long index : indices.subList(start, Math.min(indices.size(), start + AHEAD))) {
          asked.add(pool.submit(() -> question.ask(index)));
        }
        for (Future<T> answer : asked) {
          answers.accept(wait(answer));
        }
      }
    }
  }

  private static <T> T wait(Future<T> answer) throws IOException {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
