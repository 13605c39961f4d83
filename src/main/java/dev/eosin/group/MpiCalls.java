package dev.eosin.group;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.eosin.config.MachineException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// The one thread that calls MPI: what is submitted is done in this order, and each call is noted
/// before it begins. Until [#settled] the ranks compare what they are about to do.
final class MpiCalls {
  private static final int NOTE_BYTES = 128;
  private static final long ABORT_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final MpiLibrary mpi;
  private final ExecutorService thread;
  private final CollectiveLog log = new CollectiveLog(InstantSource.system());
  private int rank;
  private int size;
  private String version = "";
  // Touched by the one thread that uses the group.
  private boolean settled;
  private long submitted;

  private MpiCalls(MpiLibrary mpi) {
    this.mpi = mpi;
    this.thread =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("mpi").factory());
  }

  /// Begins MPI.
  static MpiCalls begin(MpiLibrary library) {
    var calls = new MpiCalls(library);
    calls.await(
        calls.thread.submit(
            () -> {
              library.init();
              calls.rank = library.rank();
              calls.size = library.size();
              calls.version = library.version();
            }));
    return calls;
  }

  int rank() {
    return rank;
  }

  int size() {
    return size;
  }

  String version() {
    return version;
  }

  String family() {
    return mpi.handles().family();
  }

  CollectiveLog log() {
    return log;
  }

  long submitted() {
    return submitted;
  }

  void settled() {
    settled = true;
  }

  /// Does something that all ranks do, some time.
  ///
  /// @param kind such as `sum`
  /// @param what the same on all ranks
  /// @param bytes that this rank brings
  Future<?> submit(String kind, String what, long bytes, Consumer<MpiLibrary> work) {
    boolean compared = !settled;
    submitted++;
    return thread.submit(
        () -> {
          log.begins(kind, what, bytes);
          if (compared) {
            compare(kind + " " + what);
          }
          work.accept(mpi);
          log.ends();
        });
  }

  /// All ranks bring as many bytes here, whatever they are about to do.
  private void compare(String note) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] text = note.getBytes(StandardCharsets.UTF_8);
      MemorySegment own = arena.allocate(NOTE_BYTES);
      MemorySegment.copy(text, 0, own, JAVA_BYTE, 0, Math.min(text.length, NOTE_BYTES - 1));
      MemorySegment all = arena.allocate((long) NOTE_BYTES * size);
      mpi.gather(own, all, NOTE_BYTES);
      String first = all.getString(0);
      for (int other = 1; other < size; other++) {
        String said = all.getString((long) other * NOTE_BYTES);
        if (!said.equals(first)) {
          throw new MachineException(
              "ranks disagree in collective %d: rank 0 has '%s', rank %d has '%s'; all ranks need the same recipe, data, device and version of Eosin"
                  .formatted(log.count(), first, other, said));
        }
      }
    }
  }

  /// One number of every rank.
  long[] gather(long own) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment mine = arena.allocateFrom(JAVA_LONG, own);
      MemorySegment all = arena.allocate(JAVA_LONG, size);
      await(
          submit(
              "gather", "int64 []", Long.BYTES, library -> library.gather(mine, all, Long.BYTES)));
      return all.toArray(JAVA_LONG);
    }
  }

  /// Bytes of every rank.
  List<byte[]> exchange(byte[] own) {
    int[] lengths = Arrays.stream(gather(own.length)).mapToInt(Math::toIntExact).toArray();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment mine = arena.allocate(Math.max(1, own.length));
      MemorySegment.copy(own, 0, mine, JAVA_BYTE, 0, own.length);
      long total = Arrays.stream(lengths).asLongStream().sum();
      MemorySegment all = arena.allocate(Math.max(1, total));
      await(
          submit(
              "gather",
              "bytes",
              own.length,
              library -> library.gather(mine, all, lengths, rank, 1)));
      List<byte[]> parts = new ArrayList<>();
      long from = 0;
      for (int length : lengths) {
        parts.add(all.asSlice(from, length).toArray(JAVA_BYTE));
        from += length;
      }
      return parts;
    }
  }

  /// Waits, and throws what the call threw.
  void await(Future<?> call) {
    try {
      call.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for other ranks", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException unchecked -> throw unchecked;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /// Ends the job from any thread. MPI is asked, but not trusted: a process that ends by itself
  /// with a code ends the job, too.
  void abort(int code) {
    Thread.ofPlatform().daemon().name("mpi-abort").start(() -> mpi.abort(code));
    LockSupport.parkNanos(ABORT_NANOS);
    Runtime.getRuntime().halt(code);
  }

  void end() {
    await(thread.submit(mpi::end));
    thread.shutdown();
  }
}
