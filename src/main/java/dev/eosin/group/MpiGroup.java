package dev.eosin.group;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/// Ranks as processes, on one machine or several, that speak through an installed MPI. Tensors of a
/// GPU go through the host's memory.
///
/// Used by one thread; another one, inside, makes every call of MPI.
public final class MpiGroup implements ProcessGroup {
  private static final int CHUNK = 1 << 28;

  private final MpiCalls calls;
  private final RankWatch watch;
  private final Neighbours neighbours;
  private int pending;

  private MpiGroup(MpiCalls calls, RankWatch watch, Neighbours neighbours) {
    this.calls = calls;
    this.watch = watch;
    this.neighbours = neighbours;
  }

  /// Joins the others.
  ///
  /// @param told what ended the job, before it ends
  /// @throws dev.eosin.config.MachineException when no MPI is found, or the one found is another
  ///   than the one that started the ranks
  public static MpiGroup join(Launch launch, WaitLimits limits, Consumer<String> told) {
    MpiCalls calls = MpiCalls.begin(MpiChoice.of(launch, System.getenv()));
    MpiChoice.requireSame(launch, calls);
    var watch =
        new RankWatch(
                calls.rank(),
                calls.size(),
                calls.log(),
                limits,
                what -> {
                  told.accept(what);
                  calls.abort(1);
                })
            .start();
    List<byte[]> seats = calls.exchange(Neighbours.seat());
    return new MpiGroup(calls, watch, Neighbours.of(seats, calls.rank()));
  }

  @Override
  public String library() {
    return calls.version();
  }

  @Override
  public void keepRecordsIn(Path folder) {
    watch.keepRecordsIn(folder);
  }

  @Override
  public void abort(int code) {
    watch.record(true);
    calls.abort(code);
  }

  @Override
  public int rank() {
    return calls.rank();
  }

  @Override
  public int size() {
    return calls.size();
  }

  @Override
  public int localRank() {
    return neighbours.localRank();
  }

  @Override
  public int localSize() {
    return neighbours.localSize();
  }

  @Override
  public int sharingCores() {
    return neighbours.sharingCores();
  }

  @Override
  public long bytesMoved() {
    return calls.log().bytes();
  }

  @Override
  public double sum(double own) {
    requireNothingPending();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment value = arena.allocateFrom(JAVA_DOUBLE, own);
      calls.await(
          calls.submit(
              "sum",
              "float64 []",
              Double.BYTES,
              mpi -> mpi.sum(value, 1, mpi.handles().doubles())));
      return value.get(JAVA_DOUBLE, 0);
    }
  }

  @Override
  public boolean any(boolean own) {
    return sum(own ? 1 : 0) > 0;
  }

  @Override
  public void meet(Work work) {
    Work before = watch.work();
    watch.works(work);
    any(false);
    watch.works(before);
  }

  @Override
  public void settled() {
    calls.settled();
    watch.works(Work.TRAINING);
  }

  @Override
  public List<Tensor> sum(List<Tensor> own) {
    requireNothingPending();
    List<Tensor> sums = new ArrayList<>();
    for (Tensor each : own) {
      Tensor sum = each.engine().zeros(DType.FLOAT32, each.shape());
      each.engine().kernels().run("assign", sum, each);
      sums.add(sum);
      beginSum(sum).await();
    }
    return sums;
  }

  @Override
  public PendingSum beginSum(Tensor own) {
    return beginSum(
        own, "sum", (mpi, chunk, count) -> mpi.sum(chunk, count, mpi.handles().floats()));
  }

  @Override
  public PendingSum beginSum(Tensor own, int to) {
    return beginSum(
        own,
        "sum for rank " + to,
        (mpi, chunk, count) -> mpi.sum(chunk, count, mpi.handles().floats(), to, rank()));
  }

  /// What is done with a piece of a tensor.
  private interface Summed {
    void of(MpiLibrary mpi, MemorySegment chunk, int count);
  }

  private PendingSum beginSum(Tensor own, String kind, Summed summed) {
    if (own.dtype() != DType.FLOAT32) {
      throw new IllegalArgumentException("sums over ranks are fp32, not " + own);
    }
    boolean onHost = own.engine().device() instanceof Device.Cpu;
    Tensor host = onHost ? own : own.hostCopy();
    MemorySegment memory = host.segment();
    pending++;
    List<Future<?>> chunks = new ArrayList<>();
    for (long from = 0; from < own.elements(); from += CHUNK) {
      int count = Math.toIntExact(Math.min(CHUNK, own.elements() - from));
      MemorySegment chunk = memory.asSlice(from * Float.BYTES, (long) count * Float.BYTES);
      chunks.add(
          calls.submit(
              kind, own.toString(), chunk.byteSize(), mpi -> summed.of(mpi, chunk, count)));
    }
    return () -> {
      chunks.forEach(calls::await);
      pending--;
      if (!onHost) {
        try (host) {
          own.engine().kernels().run("assign", own, host);
        }
      }
    };
  }

  @Override
  public Tensor gather(Tensor own) {
    requireNothingPending();
    long[] shape = own.shape();
    int[] rows = rows(shape[0]);
    long elements = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
    int bytes = Math.toIntExact(elements * own.dtype().bytes());
    shape[0] = Arrays.stream(rows).asLongStream().sum();
    String what = own.dtype() + " " + Arrays.toString(Arrays.copyOfRange(shape, 1, shape.length));
    try (Tensor host = own.hostCopy();
        Arena arena = Arena.ofShared()) {
      MemorySegment mine = host.segment();
      MemorySegment all = arena.allocate(Math.max(1, shape[0] * bytes), Long.BYTES);
      calls.await(
          calls.submit(
              "gather", what, mine.byteSize(), mpi -> mpi.gather(mine, all, rows, rank(), bytes)));
      Engine engine = own.engine();
      return engine.copied(all.asSlice(0, shape[0] * bytes), own.dtype(), shape);
    }
  }

  private int[] rows(long own) {
    return Arrays.stream(calls.gather(own)).mapToInt(Math::toIntExact).toArray();
  }

  @Override
  public void broadcast(List<Tensor> tensors, int from) {
    requireNothingPending();
    for (Tensor tensor : tensors) {
      boolean onHost = tensor.engine().device() instanceof Device.Cpu;
      Tensor host = onHost ? tensor : tensor.hostCopy();
      try {
        broadcast(tensor.toString(), host.segment(), from);
        if (!onHost) {
          tensor.engine().kernels().run("assign", tensor, host);
        }
      } finally {
        if (!onHost) {
          host.close();
        }
      }
    }
  }

  private void broadcast(String what, MemorySegment memory, int from) {
    for (long start = 0; start < memory.byteSize(); start += CHUNK) {
      int count = Math.toIntExact(Math.min(CHUNK, memory.byteSize() - start));
      MemorySegment chunk = memory.asSlice(start, count);
      calls.await(
          calls.submit(
              "broadcast from rank " + from,
              what,
              count,
              mpi -> mpi.broadcast(chunk, count, from)));
    }
  }

  @Override
  public List<byte[]> exchange(byte[] own) {
    requireNothingPending();
    return calls.exchange(own);
  }

  @Override
  public long calls() {
    return calls.submitted();
  }

  private void requireNothingPending() {
    if (pending > 0) {
      throw new IllegalStateException(
          "%d sums over ranks are under way: they are awaited first".formatted(pending));
    }
  }

  @Override
  public void close() {
    watch.works(Work.TRAINING);
    calls.end();
    watch.close();
  }
}
