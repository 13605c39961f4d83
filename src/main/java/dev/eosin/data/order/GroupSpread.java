package dev.eosin.data.order;

import dev.eosin.data.EpochContent;
import dev.eosin.data.SampleGroups;
import dev.eosin.data.Source;
import dev.eosin.random.RandomKey;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/// Keeps two samples of one group out of a batch.
///
/// With E samples an epoch and batches of b, an epoch has at least w whole batches: E / b when b
/// divides E, otherwise floor(E / b) - 1. When no group has more than w samples in an epoch and E
/// is at least 2 b, no batch holds two of one group, the batches that straddle two epochs included.
/// A group of m samples, m above w, is dealt out evenly: ceil(m / w) at most in a whole batch.
/// Every epoch has exactly its content. A stand-in for an image that cannot be read may break the
/// rule.
///
/// Epochs are arranged as a whole and the two last used are kept: four bytes a sample each, and
/// four for the groups; while one is arranged at most sixteen more.
public final class GroupSpread implements Arrangement {
  private static final int KEPT = 2;

  private final RandomKey key;
  private final EpochContent content;
  private final SampleGroups groups;
  private final int batch;
  private final AtomicReferenceArray<Arranged> kept = new AtomicReferenceArray<>(KEPT);

  @SuppressWarnings("ArrayRecordComponent") // made once, never compared
  private record Arranged(long epoch, int[] samples) {}

  /// @param batch samples in a batch, at most those of an epoch
  public GroupSpread(RandomKey key, EpochContent content, SampleGroups groups, int batch) {
    this.key = key;
    this.content = content;
    this.groups = groups;
    this.batch = batch;
  }

  @Override
  public long sample(long position) {
    int[] samples = arranged(position / content.size());
    return samples[(int) (position % content.size())];
  }

  private int[] arranged(long epoch) {
    int slot = (int) (epoch % KEPT);
    Arranged found = kept.get(slot);
    return found != null && found.epoch() == epoch ? found.samples() : arrange(epoch, slot);
  }

  /// One worker arranges an epoch while the others wait for it.
  private synchronized int[] arrange(long epoch, int slot) {
    Arranged found = kept.get(slot);
    if (found == null || found.epoch() != epoch) {
      found = new Arranged(epoch, new SpreadEpoch(key, content, groups, batch, epoch).arrange());
      kept.set(slot, found);
    }
    return found.samples();
  }

  /// What cannot be kept apart in the first epoch.
  ///
  /// @param source names the groups
  public Optional<String> note(Source source) {
    int[] sizes = new int[groups.count()];
    int[] samples = content.samples(key, 0);
    for (int sample : samples) {
      sizes[groups.of(sample)]++;
    }
    long whole = Math.max(1, content.size() / batch - (content.size() % batch == 0 ? 0 : 1));
    long tooLarge = IntStream.of(sizes).filter(size -> size > whole).count();
    if (tooLarge == 0) {
      return Optional.empty();
    }
    int largest = IntStream.of(sizes).max().orElseThrow();
    int example =
        IntStream.of(samples).filter(s -> sizes[groups.of(s)] == largest).findFirst().orElseThrow();
    return Optional.of(
        String.format(
            Locale.ROOT,
            "data.train-order: %,d of %,d groups have more samples than an epoch has whole batches"
                + " (%,d), so some batches hold several of one; the largest, %s, has %,d: up to %,d"
                + " in a batch",
            tooLarge,
            groups.count(),
            whole,
            source.get(example).group().orElse(source.get(example).key()),
            largest,
            Math.ceilDiv(largest, whole)));
  }
}
