package dev.eosin.group;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.eosin.config.MachineException;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Ranks as processes with a GPU each, that speak through NCCL. What makes them one group they get
/// by MPI where it started them, and else from the first one, at a port. Everything, also what
/// ranks tell each other in bytes, is put on libtorch's current stream, behind what computes it and
/// before what reads it: the host waits only where it looks at a result.
///
/// For the one thread that trains. Never run on several GPUs by anybody; docs/scale.md says how to.
public final class NcclGroup implements ProcessGroup {
  private static final int NOTE_BYTES = 128;

  private final NcclLibrary nccl;
  private final Engine engine;
  private final MemorySegment handle;
  private final int rank;
  private final int size;
  private final CollectiveLog log = new CollectiveLog(InstantSource.system());
  private final RankWatch watch;
  private final Neighbours neighbours;
  private boolean settled;
  private final Optional<ProcessGroup> starter;
  private long calls;

  /// @param starter what the ranks spoke through before; left and ended with this group
  NcclGroup(
      NcclLibrary nccl,
      Engine engine,
      byte[] id,
      int rank,
      int size,
      WaitLimits limits,
      Consumer<String> told,
      Optional<ProcessGroup> starter) {
    this.nccl = nccl;
    this.starter = starter;
    this.engine = engine;
    this.rank = rank;
    this.size = size;
    engine.useDevice();
    this.handle = nccl.join(id, rank, size);
    this.watch =
        new RankWatch(
                rank,
                size,
                log,
                limits,
                what -> {
                  told.accept(what);
                  abort(1);
                })
            .start();
    this.neighbours = Neighbours.of(exchange(Neighbours.seat()), rank);
  }

  /// Joins the others, which torchrun or `--ranks` started.
  ///
  /// @param engine on this rank's GPU
  /// @param told what ended the job, before it ends
  /// @throws MachineException when no NCCL is found or ranks do not come
  public static NcclGroup join(
      Launch launch,
      Map<String, String> environment,
      Engine engine,
      WaitLimits limits,
      Consumer<String> told) {
    NcclLibrary nccl = NcclLibrary.find(engine);
    Rendezvous meeting = Rendezvous.of(environment, limits.of(Work.START_UP));
    int size = launch.size().orElseThrow();
    byte[] id = meeting.share(launch.rank(), size, NcclLibrary.ID_BYTES, nccl::newId);
    return new NcclGroup(nccl, engine, id, launch.rank(), size, limits, told, Optional.empty());
  }

  /// Which GPU is this rank's, where every rank can have one of its own: the one of its number
  /// among the ranks of its machine, or the only one that its starter shows it. Every rank calls
  /// it.
  ///
  /// @param meeting what the ranks speak through so far
  /// @param gpus that this process sees; 0 where it is not to use any
  /// @param visible what `CUDA_VISIBLE_DEVICES` says, which tells single ones apart
  /// @return on every rank, or on none
  public static OptionalInt ownGpu(Group meeting, int gpus, String visible) {
    int own = gpus == 1 ? 0 : meeting.localRank();
    String device = gpus == 1 ? visible : String.valueOf(own);
    byte[] seat = Neighbours.device(device).getBytes(StandardCharsets.UTF_8);
    long devices = meeting.exchange(seat).stream().map(ByteBuffer::wrap).distinct().count();
    boolean missing = meeting.any(own >= gpus);
    return missing || devices < meeting.size() ? OptionalInt.empty() : OptionalInt.of(own);
  }

  /// As [#join], for ranks that speak through MPI already.
  ///
  /// @return none where some rank finds no NCCL: they go on through MPI, on every rank
  public static Optional<NcclGroup> over(
      MpiGroup mpi, Engine engine, WaitLimits limits, Consumer<String> told) {
    Optional<NcclLibrary> nccl = NcclLibrary.findAny(engine);
    if (mpi.any(nccl.isEmpty())) {
      return Optional.empty();
    }
    byte[] id = sharedId(mpi, nccl.get());
    return Optional.of(
        new NcclGroup(
            nccl.get(), engine, id, mpi.rank(), mpi.size(), limits, told, Optional.of(mpi)));
  }

  /// What the first rank makes, on every rank.
  static byte[] sharedId(Group meeting, NcclLibrary nccl) {
    return meeting.exchange(meeting.isFirst() ? nccl.newId() : new byte[0]).getFirst();
  }

  @Override
  public String library() {
    return nccl.version();
  }

  @Override
  public void keepRecordsIn(Path folder) {
    watch.keepRecordsIn(folder);
  }

  /// MPI ends all; any other starter ends the others when one ends with a code.
  @Override
  public void abort(int code) {
    watch.record(true);
    starter.ifPresent(group -> group.abort(code));
    Runtime.getRuntime().halt(code);
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
  public long calls() {
    return calls;
  }

  @Override
  public long bytesMoved() {
    return log.bytes();
  }

  @Override
  public void settled() {
    settled = true;
    watch.works(Work.TRAINING);
  }

  @Override
  public void meet(Work work) {
    Work before = watch.work();
    watch.works(work);
    any(false);
    watch.works(before);
  }

  /// In the order of ranks, on the host, so that all have the same.
  @Override
  public double sum(double own) {
    byte[] bytes = ByteBuffer.allocate(Double.BYTES).putDouble(own).array();
    return together("sum", bytes).stream()
        .mapToDouble(each -> ByteBuffer.wrap(each).getDouble())
        .sum();
  }

  @Override
  public boolean any(boolean own) {
    return sum(own ? 1 : 0) > 0;
  }

  @Override
  public List<Tensor> sum(List<Tensor> own) {
    List<Tensor> sums = new ArrayList<>();
    for (Tensor each : own) {
      Tensor sum = each.engine().kernels().one("copied", each);
      sums.add(sum);
      beginSum(sum).await();
    }
    return sums;
  }

  /// On the stream: whatever reads the tensor comes later there.
  @Override
  public PendingSum beginSum(Tensor own) {
    begin("sum", own.toString(), own);
    nccl.sum(own, handle, engine.stream());
    return () -> {};
  }

  @Override
  public PendingSum beginSum(Tensor own, int to) {
    begin("sum for rank " + to, own.toString(), own);
    nccl.sum(own, to, handle, engine.stream());
    return () -> {};
  }

  /// All ranks gather as many rows; those that have fewer bring more, which are left out again.
  @Override
  public Tensor gather(Tensor own) {
    long[] shape = own.shape();
    long[] rows = numbers(shape[0]);
    long most = Arrays.stream(rows).max().orElseThrow();
    String what = own.dtype() + " " + Arrays.toString(Arrays.copyOfRange(shape, 1, shape.length));
    shape[0] = most - shape[0];
    Tensor more = engine.zeros(own.dtype(), shape);
    shape[0] = most * size;
    Tensor all = engine.zeros(own.dtype(), shape);
    try (more;
        Tensor padded = engine.kernels().one("stacked", List.of(own, more))) {
      begin("gather", what, own);
      nccl.gather(padded, all, handle, engine.stream());
    }
    if (Arrays.stream(rows).allMatch(each -> each == most)) {
      return all;
    }
    List<Tensor> parts = new ArrayList<>();
    try (all) {
      for (int other = 0; other < size; other++) {
        long first = other * most;
        parts.add(engine.kernels().one("row_range", all, first, first + rows[other]));
      }
      return engine.kernels().one("stacked", parts);
    } finally {
      parts.forEach(Tensor::close);
    }
  }

  @Override
  public void broadcast(List<Tensor> tensors, int from) {
    for (Tensor tensor : tensors) {
      begin("broadcast from rank " + from, tensor.toString(), tensor);
      nccl.broadcast(tensor, from, handle, engine.stream());
    }
  }

  @Override
  public List<byte[]> exchange(byte[] own) {
    long[] lengths = numbers(own.length);
    int longest = Math.toIntExact(Arrays.stream(lengths).max().orElseThrow());
    List<byte[]> padded = together("gather", Arrays.copyOf(own, longest));
    List<byte[]> all = new ArrayList<>();
    for (int other = 0; other < size; other++) {
      all.add(Arrays.copyOf(padded.get(other), Math.toIntExact(lengths[other])));
    }
    return all;
  }

  /// One number of every rank.
  private long[] numbers(long own) {
    byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(own).array();
    return together("gather", bytes).stream()
        .mapToLong(each -> ByteBuffer.wrap(each).getLong())
        .toArray();
  }

  /// As many bytes of every rank; the host waits for them.
  private List<byte[]> together(String kind, byte[] own) {
    compare(kind + " bytes");
    return noted(kind, own);
  }

  private List<byte[]> noted(String kind, byte[] own) {
    calls++;
    log.begins(kind, "bytes", own.length);
    List<byte[]> all = gathered(own);
    log.ends();
    return all;
  }

  private List<byte[]> gathered(byte[] own) {
    if (own.length == 0) {
      return Collections.nCopies(size, own);
    }
    try (Tensor mine = engine.of(own, own.length);
        Tensor all = engine.zeros(DType.UINT8, (long) size * own.length)) {
      nccl.gather(mine, all, handle, engine.stream());
      try (Tensor host = all.hostCopy()) {
        byte[] bytes = host.segment().toArray(JAVA_BYTE);
        List<byte[]> parts = new ArrayList<>();
        for (int other = 0; other < size; other++) {
          parts.add(Arrays.copyOfRange(bytes, other * own.length, (other + 1) * own.length));
        }
        return parts;
      }
    }
  }

  /// What comes back before it is done stays noted as under way until the host has waited.
  private void begin(String kind, String what, Tensor own) {
    compare(kind + " " + what);
    calls++;
    log.begins(kind, what, own.elements() * own.dtype().bytes());
  }

  /// Until the first step is through, what all are about to do.
  private void compare(String note) {
    if (settled) {
      return;
    }
    byte[] text = Arrays.copyOf(note.getBytes(StandardCharsets.UTF_8), NOTE_BYTES);
    List<byte[]> all = gathered(text);
    for (int other = 1; other < size; other++) {
      if (!Arrays.equals(all.getFirst(), all.get(other))) {
        throw new MachineException(
            "ranks disagree in collective %d: rank 0 has '%s', rank %d has '%s'; all ranks need the same recipe, data, device and version of Eosin"
                .formatted(log.count() + 1, said(all.getFirst()), other, said(all.get(other))));
      }
    }
  }

  private static String said(byte[] note) {
    return new String(note, StandardCharsets.UTF_8).replace("\0", "");
  }

  @Override
  public void close() {
    watch.works(Work.TRAINING);
    any(false);
    nccl.leave(handle);
    watch.close();
    starter.ifPresent(ProcessGroup::close);
  }
}
