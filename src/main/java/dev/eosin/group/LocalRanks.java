package dev.eosin.group;

import dev.eosin.tensor.Kernels;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Several ranks as threads of one Java machine, each with a model and an engine of its own. They
/// share cores, so this is for proving that ranks change no result, not for speed.
public final class LocalRanks {
  /// What one rank does.
  @FunctionalInterface
  public interface Work<T> {
    T run(Group group) throws Exception;
  }

  private final int size;
  private final @Nullable Object[] contributions;
  // The three below are guarded by this object's monitor.
  private int arrived;
  private long round;
  private int failed = -1;

  private LocalRanks(int size) {
    this.size = size;
    this.contributions = new @Nullable Object[size];
  }

  /// Does the same work on every rank and waits for all of them.
  ///
  /// @return what each rank returned, in order
  /// @throws Exception of the rank that failed first; the others end by [LostRankException]
  public static <T> List<T> run(int size, Work<T> work) throws Exception {
    var ranks = new LocalRanks(size);
    List<@Nullable T> results = new ArrayList<>();
    List<@Nullable Throwable> failures = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      results.add(null);
      failures.add(null);
      int number = rank;
      threads.add(
          Thread.ofPlatform()
              .name("rank-" + rank)
              .start(
                  () -> {
                    try {
                      results.set(number, work.run(ranks.new Member(number)));
                    } catch (Throwable failure) {
                      failures.set(number, failure);
                      ranks.fail(number);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    throwFirst(failures);
    List<T> all = new ArrayList<>();
    for (@Nullable T result : results) {
      if (result != null) {
        all.add(result);
      }
    }
    return all;
  }

  private static void throwFirst(List<@Nullable Throwable> failures) throws Exception {
    @Nullable Throwable first = null;
    for (@Nullable Throwable failure : failures) {
      if (failure != null && (first == null || first instanceof LostRankException)) {
        first = failure;
      }
    }
    switch (first) {
      case null -> {}
      case Exception exception -> throw exception;
      case Throwable other -> throw new IllegalStateException(other);
    }
  }

  private synchronized void fail(int rank) {
    if (failed < 0) {
      failed = rank;
    }
    notifyAll();
  }

  /// Waits until every rank is here.
  private synchronized void meet() {
    long before = round;
    arrived++;
    if (arrived == size) {
      arrived = 0;
      round++;
      notifyAll();
      return;
    }
    while (round == before) {
      if (failed >= 0) {
        throw new LostRankException(failed);
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for other ranks", e);
      }
    }
  }

  private final class Member implements Group {
    private final int rank;
    private long calls;

    private Member(int rank) {
      this.rank = rank;
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public double sum(double own) {
      return together(own, all -> all.stream().mapToDouble(each -> (Double) each).sum());
    }

    @Override
    public boolean any(boolean own) {
      return together(own, all -> all.contains(true));
    }

    @Override
    public List<Tensor> sum(List<Tensor> own) {
      return together(own, all -> sums(own.size(), all));
    }

    private List<Tensor> sums(int count, List<Object> all) {
      return IntStream.range(0, count).mapToObj(i -> sum(i, all)).toList();
    }

    private Tensor sum(int i, List<Object> all) {
      List<Tensor> terms =
          all.stream().<Tensor>map(each -> (Tensor) ((List<?>) each).get(i)).toList();
      Kernels kernels = terms.getFirst().engine().kernels();
      Tensor sum = kernels.one("copied", terms.getFirst());
      terms.stream().skip(1).forEach(term -> kernels.run("accumulate", sum, term));
      return sum;
    }

    /// At once: the others are waited for here.
    @Override
    public PendingSum beginSum(Tensor own) {
      try (Tensor sum = sum(List.of(own)).getFirst()) {
        own.engine().kernels().run("assign", own, sum);
      }
      return () -> {};
    }

    /// What the others hold afterwards is spoilt, as other groups may.
    @Override
    public PendingSum beginSum(Tensor own, int to) {
      try (Tensor sum = sum(List.of(own)).getFirst()) {
        if (rank == to) {
          own.engine().kernels().run("assign", own, sum);
        } else {
          own.engine().kernels().run("fill", own, Double.NaN);
        }
      }
      return () -> {};
    }

    @Override
    public Tensor gather(Tensor own) {
      return together(
          own,
          all ->
              own.engine().kernels().one("stacked", all.stream().map(Tensor.class::cast).toList()));
    }

    @Override
    public void broadcast(List<Tensor> tensors, int from) {
      together(
          tensors,
          all -> {
            List<?> theirs = (List<?>) all.get(from);
            for (int i = 0; rank != from && i < tensors.size(); i++) {
              Tensor mine = tensors.get(i);
              mine.engine().kernels().run("assign", mine, theirs.get(i));
            }
            return all;
          });
    }

    @Override
    public List<byte[]> exchange(byte[] own) {
      return together(own, all -> all.stream().map(byte[].class::cast).toList());
    }

    @Override
    public long calls() {
      return calls;
    }

    /// Nobody goes on, or frees what it brought, before everybody has made its result.
    private <R> R together(Object own, Function<List<Object>, R> result) {
      calls++;
      contributions[rank] = own;
      LocalRanks.this.meet();
      List<Object> all = new ArrayList<>();
      for (@Nullable Object each : contributions) {
        if (each != null) {
          all.add(each);
        }
      }
      R made = result.apply(all);
      LocalRanks.this.meet();
      return made;
    }
  }
}
