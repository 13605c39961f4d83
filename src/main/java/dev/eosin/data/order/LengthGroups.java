package dev.eosin.data.order;

import dev.eosin.data.Permutation;
import dev.eosin.data.settings.RowLayoutSettings;
import dev.eosin.random.RandomKey;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.LongStream;

/// Batches of rows of like lengths. The order that chance gives is cut into windows, within an
/// epoch; the rows of a window are sorted by length and dealt out to the batches it covers, whose
/// order is random. Every epoch has exactly its content; a batch across two windows, as at the end
/// of an epoch, has a part of each.
///
/// With `pure` the rows of a window are sorted by whether they have images first, so that one batch
/// at most has both kinds.
///
/// The windows last used are kept: eight bytes a row each. Source: LLaVA's
/// `get_modality_length_grouped_indices` (`llava_trainer.py`), whose windows are 50 batches wide
/// and whose lengths are words.
public final class LengthGroups implements Arrangement {
  private static final int KEPT = 4;
  private static final long SERIES = -1;

  private final RandomKey key;
  private final Arrangement chance;
  private final long epoch;
  private final RowLengths lengths;
  private final int batch;
  private final long window;
  private final boolean pure;
  private final AtomicReferenceArray<Sorted> kept = new AtomicReferenceArray<>(KEPT);

  @SuppressWarnings("ArrayRecordComponent") // made once, never compared
  private record Sorted(long first, long[] samples) {}

  /// @param chance the order that is grouped
  /// @param epoch samples of one
  /// @param batch rows of one
  public LengthGroups(
      RandomKey key,
      Arrangement chance,
      long epoch,
      RowLengths lengths,
      int batch,
      RowLayoutSettings settings) {
    this.key = key;
    this.chance = chance;
    this.epoch = epoch;
    this.lengths = lengths;
    this.batch = batch;
    this.window = (long) batch * settings.window();
    this.pure = settings.modalityPure();
  }

  @Override
  public long sample(long position) {
    long begins = position - position % epoch;
    long first = begins + (position - begins) / window * window;
    Sorted sorted = sorted(first, Math.min(first + window, begins + epoch));
    return sorted.samples()[Math.toIntExact(position - first)];
  }

  private Sorted sorted(long first, long end) {
    int slot = (int) (first / window % KEPT);
    Sorted found = kept.get(slot);
    return found != null && found.first() == first ? found : sort(first, end, slot);
  }

  /// One worker sorts a window while the others wait for it.
  private synchronized Sorted sort(long first, long end, int slot) {
    Sorted found = kept.get(slot);
    if (found == null || found.first() != first) {
      found = new Sorted(first, dealt(first, end));
      kept.set(slot, found);
    }
    return found;
  }

  private long[] dealt(long first, long end) {
    long[] byLength =
        LongStream.range(first, end)
            .map(chance::sample)
            .boxed()
            .sorted(
                Comparator.<Long>comparingInt(sample -> pure && lengths.pictured(sample) ? 1 : 0)
                    .thenComparingInt(lengths::ids))
            .mapToLong(Long::longValue)
            .toArray();
    long firstBatch = first / batch;
    int batches = Math.toIntExact((end - 1) / batch - firstBatch + 1);
    var order = new Permutation(key, first, batches, SERIES);
    long[] dealt = new long[byLength.length];
    int next = 0;
    for (int i = 0; i < batches; i++) {
      long which = firstBatch + order.apply(i);
      long from = Math.max(first, which * batch);
      long to = Math.min(end, (which + 1) * batch);
      for (long position = from; position < to; position++) {
        dealt[Math.toIntExact(position - first)] = byLength[next++];
      }
    }
    return dealt;
  }
}
