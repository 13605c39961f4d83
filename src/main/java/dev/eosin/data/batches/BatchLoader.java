package dev.eosin.data.batches;

import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.order.Preparation;
import dev.eosin.data.order.RowShape;
import dev.eosin.data.order.SampleOrder;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Prepares batches ahead of the step: worker threads decode, augment and tokenise single rows, and
/// [#next()] hands out whole batches in order.
///
/// A ring of [#RING] batches is allocated once, so memory does not grow: one that the step works on
/// and the others in the making. What a batch holds is a function of its positions alone, whatever
/// the number of workers. One thread consumes.
public final class BatchLoader implements AutoCloseable {
  /// Batches in memory.
  public static final int RING = 3;

  private static final long LOOKED_FOR_CAPTIONS = 256;

  private final RowReader reader;
  private final BatchShare share;
  private final BadRowLog badRowLog;
  private final boolean refills;
  private final long start;
  private final long end;
  private final List<BatchSlot> ring;
  private final List<Thread> workers = new ArrayList<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition roomForRows = lock.newCondition();
  private final Condition batchComplete = lock.newCondition();
  // The four below are guarded by the lock.
  private long nextRow;
  private long released;
  private long delivered;
  private boolean closed;

  private BatchLoader(
      RowReader reader,
      RowShape shape,
      BatchShare share,
      BadRowLog badRowLog,
      long start,
      long end) {
    this.reader = reader;
    this.share = share;
    this.badRowLog = badRowLog;
    this.refills = end == Long.MAX_VALUE;
    this.start = start;
    this.end = end;
    this.nextRow = 0;
    this.ring = ring(shape, share.size());
    for (int batch = 0; batch < RING; batch++) {
      ring.get(batch).begin(rowsOf(batch));
    }
  }

  /// What was allocated of a ring that memory does not suffice for is given back.
  private static List<BatchSlot> ring(RowShape shape, int size) {
    List<BatchSlot> ring = new ArrayList<>();
    try {
      for (int slot = 0; slot < RING; slot++) {
        ring.add(new BatchSlot(shape, size));
      }
      return List.copyOf(ring);
    } catch (OutOfMemoryError e) {
      ring.forEach(BatchSlot::close);
      throw e;
    }
  }

  /// Full batches for ever, from `position` on.
  ///
  /// @param order must be over as many samples as `source` has
  /// @param batchSize b
  /// @param position what [#position()] said when the state to resume from was saved, or 0
  /// @param badRowLog opened at the same position
  /// @throws DataException when the samples have no captions
  public static BatchLoader training(
      Source source,
      SampleOrder order,
      Preparation preparation,
      int batchSize,
      int workers,
      long position,
      BadRowLog badRowLog)
      throws DataException {
    requireCaptions(source);
    var share = new BatchShare(batchSize, 0, 1);
    return training(source, order, preparation, share, workers, position, badRowLog);
  }

  /// As above, this rank's share of every batch, of samples of any content.
  public static BatchLoader training(
      Source source,
      SampleOrder order,
      Preparation preparation,
      BatchShare share,
      int workers,
      long position,
      BadRowLog badRowLog) {
    RowReader reader = new RowReader.Training(source, order, preparation);
    return new BatchLoader(reader, preparation.shape(), share, badRowLog, position, Long.MAX_VALUE)
        .start(workers);
  }

  /// @throws DataException when none of the first samples has a caption: few of them may be bad
  public static void requireCaptions(Source source) throws DataException {
    long looked = Math.min(source.size(), LOOKED_FOR_CAPTIONS);
    if (LongStream.range(0, looked).allMatch(i -> source.get(i).captions().isEmpty())) {
      throw new DataException(
          "%s: the sample has no caption; give a caption column, or labels with templates"
              .formatted(source.get(0).key()));
    }
  }

  /// Every sample of `source` once, in order, without refills; the last batch may be smaller, and a
  /// batch lacks the samples that cannot be read.
  public static BatchLoader evaluation(
      Source source, Preparation preparation, int batchSize, int workers, BadRowLog badRowLog) {
    return evaluation(source, preparation, batchSize, 0, 1, workers, badRowLog);
  }

  /// As above, the batches of one rank: the first rank has the first one, and so on by turns. Every
  /// rank is given as many, some of them without a row.
  ///
  /// @param rank from 0
  public static BatchLoader evaluation(
      Source source,
      Preparation preparation,
      int batchSize,
      int rank,
      int ranks,
      int workers,
      BadRowLog badRowLog) {
    int rows = (int) Math.min(batchSize, source.size());
    RowReader reader = new RowReader.Evaluation(source, preparation);
    var share = new BatchShare(Math.multiplyExact(rows, ranks), rank, ranks);
    return new BatchLoader(reader, preparation.shape(), share, badRowLog, 0, source.size())
        .start(workers);
  }

  private BatchLoader start(int count) {
    for (int worker = 0; worker < Math.max(1, count); worker++) {
      workers.add(Thread.ofPlatform().daemon().name("data-" + worker).start(this::work));
    }
    return this;
  }

  /// Whether batches are left; always, when training.
  public boolean hasNext() {
    return start + delivered * share.all() < end;
  }

  /// Where the sample stream stands after the last batch that [#next()] returned; rows prepared
  /// ahead do not count, so a run resumed here continues with the batch after that one.
  public long position() {
    return Math.min(end, start + delivered * share.all());
  }

  /// Waits for the next batch. The arrays of the batch before are given back.
  ///
  /// @throws dev.eosin.data.shard.LostShardException when a shard is gone; nothing of this batch
  ///   was handed out
  /// @throws DataException when too many samples could not be read
  /// @throws IOException when the waiting thread is interrupted
  /// @throws IllegalStateException when preparing a row failed otherwise
  public Batch next() throws IOException {
    if (!hasNext()) {
      throw new IllegalStateException("no batches are left");
    }
    long asked = System.nanoTime();
    BatchSlot slot = awaitSlot();
    long waited = System.nanoTime() - asked;
    long first = position();
    throwIfFailed(slot, first);
    delivered++;
    Batch batch = slot.toBatch(first, waited);
    badRowLog.account(position(), batch.badRows());
    if (refills && batch.size() < share.size()) {
      throw new DataException(
          "position %d: %s; the %d samples tried in its place could not be read either"
              .formatted(
                  batch.badRows().getLast().position(),
                  batch.badRows().getLast().reason(),
                  RowReader.Training.REFILL_ATTEMPTS));
    }
    return batch;
  }

  /// What became of rows that could not be read, for a person; empty where all could.
  public Optional<String> badRows() {
    return badRowLog.told();
  }

  private static void throwIfFailed(BatchSlot slot, long first) throws IOException {
    @Nullable Throwable failure = slot.failure();
    if (failure instanceof UncheckedIOException unchecked) {
      throw unchecked.getCause();
    }
    if (failure != null) {
      throw new IllegalStateException(
          "a row of the batch at position %d failed: %s".formatted(first, failure), failure);
    }
  }

  private BatchSlot awaitSlot() throws InterruptedIOException {
    lock.lock();
    try {
      requireOpen();
      release();
      BatchSlot slot = slot(delivered);
      while (!slot.isComplete()) {
        batchComplete.await();
        requireOpen();
      }
      return slot;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (InterruptedIOException) new InterruptedIOException("interrupted").initCause(e);
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the loader is closed");
    }
  }

  private void release() {
    while (released < delivered) {
      slot(released).begin(rowsOf(released + RING));
      released++;
    }
    roomForRows.signalAll();
  }

  private void work() {
    OptionalLong claim = claim();
    while (claim.isPresent()) {
      prepare(claim.getAsLong());
      claim = claim();
    }
  }

  private OptionalLong claim() {
    lock.lock();
    try {
      while (!closed && positionOf(nextRow) < end && batchOf(nextRow) >= released + RING) {
        roomForRows.awaitUninterruptibly();
      }
      return closed || positionOf(nextRow) >= end
          ? OptionalLong.empty()
          : OptionalLong.of(nextRow++);
    } finally {
      lock.unlock();
    }
  }

  /// @param claimed a row of this rank, counted from 0
  private void prepare(long claimed) {
    BatchSlot slot = slot(batchOf(claimed));
    int row = (int) (claimed % share.size());
    @Nullable Throwable failure = null;
    try {
      slot.put(row, reader.read(positionOf(claimed)));
    } catch (Throwable e) {
      // Whatever it is, the consumer must learn of it: a row that never comes would hang the run.
      failure = e;
    }
    finish(slot, row, failure);
  }

  private void finish(BatchSlot slot, int row, @Nullable Throwable failure) {
    lock.lock();
    try {
      if (failure != null) {
        slot.fail(row, failure);
      }
      if (slot.finishRow()) {
        batchComplete.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private BatchSlot slot(long batch) {
    return ring.get((int) (batch % RING));
  }

  private long batchOf(long claimed) {
    return claimed / share.size();
  }

  /// The global position of a row of this rank.
  private long positionOf(long claimed) {
    return start + batchOf(claimed) * share.all() + share.first() + claimed % share.size();
  }

  private int rowsOf(long batch) {
    long first = start + batch * share.all() + share.first();
    return Math.clamp(end - first, 0, share.size());
  }

  /// Stops the workers, waits for the rows that they are at, and gives the memory of all batches
  /// back: none can be read any more.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      roomForRows.signalAll();
      batchComplete.signalAll();
    } finally {
      lock.unlock();
    }
    workers.forEach(BatchLoader::join);
    ring.forEach(BatchSlot::close);
  }

  private static void join(Thread worker) {
    boolean interrupted = false;
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
