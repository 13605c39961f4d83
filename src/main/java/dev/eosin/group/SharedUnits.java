package dev.eosin.group;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Units of work that have nothing to do with each other, such as folds, runs, draws and settings,
/// shared by ranks: each is done by one of them, by turns, and what it came to is told to all in
/// the order of units. So nothing is left out or done twice, and everybody goes on as a process
/// alone would that did them one after the other. Every rank calls the same methods in the same
/// order.
///
/// A unit may take hours: it is done on a thread of its own, while the rank meets the others now
/// and then. So a rank that is lost is noticed at once, and one that waits is not taken to hang.
///
/// @param group of ranks; alone, units are done on the calling thread
/// @param stop whether to stop, asked before each unit, and within those that ask
public record SharedUnits(Group group, BooleanSupplier stop) {
  private static final long FIRST_PAUSE_MILLIS = 1;
  private static final long LONGEST_PAUSE_MILLIS = 200;

  /// For a process alone that nobody stops.
  public static final SharedUnits ALONE = new SharedUnits(Group.ALONE, () -> false);

  /// One of them.
  @FunctionalInterface
  public interface Unit {
    /// Does it.
    ///
    /// @param number from 0
    /// @param stop whether to leave it
    /// @return numbers, as many as it takes; empty when it was left
    Optional<double[]> done(int number, BooleanSupplier stop) throws IOException;
  }

  /// Does all of them.
  ///
  /// @return of each unit its numbers, the same on every rank; empty when they are to stop, which
  ///   all ranks agree on
  /// @throws IOException of a unit of this rank, which ends all
  /// @throws LostRankException when another rank failed
  public Optional<List<double[]>> all(int count, Unit unit) throws IOException {
    if (group.size() == 1) {
      Map<Integer, double[]> own = own(count, unit, stop);
      return own.size() < count ? Optional.empty() : Optional.of(List.copyOf(own.values()));
    }
    Map<Integer, double[]> own = whileOthersWork(count, unit);
    int wanted = Math.max(0, Math.ceilDiv(count - group.rank(), group.size()));
    return group.any(own.size() < wanted) ? Optional.empty() : Optional.of(exchanged(count, own));
  }

  /// What the rank that did a unit has of it besides.
  ///
  /// @param unit its number
  /// @param numbers asked on that rank alone
  /// @return the same on every rank
  /// @throws LostRankException when another rank failed
  public double[] kept(int unit, Supplier<double[]> numbers) {
    int from = unit % group.size();
    double[] own = group.rank() == from ? numbers.get() : new double[0];
    return group.size() == 1 ? own : numbers(group.exchange(bytes(List.of(own))).get(from)).next();
  }

  /// Those of this rank, until it is to stop.
  private Map<Integer, double[]> own(int count, Unit unit, BooleanSupplier leave)
      throws IOException {
    Map<Integer, double[]> own = new LinkedHashMap<>();
    for (int number = group.rank(); number < count; number += group.size()) {
      Optional<double[]> done = leave.getAsBoolean() ? Optional.empty() : unit.done(number, leave);
      if (done.isEmpty()) {
        break;
      }
      own.put(number, done.get());
    }
    return own;
  }

  private Map<Integer, double[]> whileOthersWork(int count, Unit unit) throws IOException {
    var leave = new AtomicBoolean();
    try (ExecutorService worker =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("units").factory())) {
      Future<Map<Integer, double[]>> work = worker.submit(() -> own(count, unit, leave::get));
      try {
        long pause = FIRST_PAUSE_MILLIS;
        boolean busy = true;
        while (busy) {
          pause(work, pause);
          pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
          if (group.any(stop.getAsBoolean())) {
            leave.set(true);
          }
          busy = group.any(!work.isDone());
        }
        return work.get();
      } catch (ExecutionException e) {
        throw thrown(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while ranks share units", e);
      } finally {
        // Where another rank failed, nobody asks for what this one does.
        leave.set(true);
      }
    }
  }

  private static void pause(Future<?> work, long millis)
      throws ExecutionException, InterruptedException {
    if (work.isDone()) {
      work.get();
      Thread.sleep(millis);
      return;
    }
    try {
      work.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      // The others are met in the meantime.
    }
  }

  private static IOException thrown(ExecutionException e) {
    return switch (e.getCause()) {
      case IOException own -> own;
      case RuntimeException own -> throw own;
      case Error own -> throw own;
      case Throwable other -> throw new IllegalStateException(other);
      case null -> throw new IllegalStateException(e);
    };
  }

  private List<double[]> exchanged(int count, Map<Integer, double[]> own) {
    List<Numbers> all =
        group.exchange(bytes(List.copyOf(own.values()))).stream()
            .map(SharedUnits::numbers)
            .toList();
    List<double[]> ordered = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      ordered.add(all.get(number % group.size()).next());
    }
    return ordered;
  }

  /// Each with its length before it.
  private static byte[] bytes(List<double[]> all) {
    long size = all.stream().mapToLong(each -> Integer.BYTES + 8L * each.length).sum();
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size));
    for (double[] each : all) {
      bytes.putInt(each.length);
      for (double number : each) {
        bytes.putDouble(number);
      }
    }
    return bytes.array();
  }

  private static Numbers numbers(byte[] bytes) {
    return new Numbers(ByteBuffer.wrap(bytes));
  }

  /// Read one after the other.
  private record Numbers(ByteBuffer bytes) {
    double[] next() {
      double[] numbers = new double[bytes.getInt()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = bytes.getDouble();
      }
      return numbers;
    }
  }
}
