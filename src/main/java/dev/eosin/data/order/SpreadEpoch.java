package dev.eosin.data.order;

import dev.eosin.data.EpochContent;
import dev.eosin.data.Permutation;
import dev.eosin.data.SampleGroups;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/// Arranges one epoch so that groups are spread over its batches.
///
/// 1. The tail, which shares a batch with the next epoch, is chosen first, from this epoch alone:
///    samples of different groups. The head, which shares one with the epoch before, avoids the
///    groups of that epoch's tail, which is a function of that epoch alone too; so nothing depends
///    on more than one epoch before.
/// 2. The others, enough for k whole batches, are sorted by group, groups in random order, and
///    dealt in rows of k: each batch gets one sample of a row, in an order drawn for the row. A
///    group of at most k samples lies in one row or crosses into the next, where its samples go to
///    batches that it has not been dealt to.
final class SpreadEpoch {
  // Series 0 is the shuffled order and those above it belong to the parts of a mixture.
  private static final long TAIL = -1;
  private static final long HEAD = -2;
  private static final long DEAL = -3;

  private static final int TAKEN = -1;

  private final RandomKey key;
  private final EpochContent content;
  private final SampleGroups groups;
  private final int batch;
  private final long epoch;
  private final int size;

  SpreadEpoch(RandomKey key, EpochContent content, SampleGroups groups, int batch, long epoch) {
    this.key = key;
    this.content = content;
    this.groups = groups;
    this.batch = batch;
    this.epoch = epoch;
    this.size = Math.toIntExact(content.size());
  }

  /// The samples of the epoch in their order.
  int[] arrange() {
    int[] tail = tail(epoch);
    int[] head = head(tail);
    int[] samples = content.samples(key, epoch);
    int[] arranged = new int[size];
    for (int i = 0; i < head.length; i++) {
      arranged[i] = samples[head[i]];
    }
    for (int i = 0; i < tail.length; i++) {
      arranged[size - tail.length + i] = samples[tail[i]];
    }
    IntStream.of(head).forEach(place -> samples[place] = TAKEN);
    IntStream.of(tail).forEach(place -> samples[place] = TAKEN);
    int count = 0;
    for (int sample : samples) {
      if (sample != TAKEN) {
        samples[count++] = sample;
      }
    }
    deal(samples, count, arranged, head.length);
    return arranged;
  }

  private int[] tail(long of) {
    int count = (int) (Math.multiplyExact(of + 1, size) % batch);
    return choose(of, TAIL, count, Set.of(), Set.of());
  }

  private int[] head(int[] tail) {
    int before = (int) (Math.multiplyExact(epoch, size) % batch);
    if (before == 0) {
      return new int[0];
    }
    Set<Integer> taken = new HashSet<>();
    for (int place : tail(epoch - 1)) {
      taken.add(groups.of(content.sample(key, epoch - 1, place)));
    }
    Set<Integer> used = new HashSet<>();
    IntStream.of(tail).forEach(used::add);
    return choose(epoch, HEAD, batch - before, used, taken);
  }

  /// Places in an epoch whose samples are of different groups; where there are not enough, others.
  ///
  /// @param used places that are taken already
  /// @param taken groups to avoid
  private int[] choose(long of, long series, int count, Set<Integer> used, Set<Integer> taken) {
    Set<Integer> places = new HashSet<>(used);
    Set<Integer> avoided = new HashSet<>(taken);
    Permutation walk = new Permutation(key, of, size, series);
    int[] chosen = new int[count];
    int found = 0;
    for (boolean strict : new boolean[] {true, false}) {
      for (int step = 0; found < count && step < size; step++) {
        int place = (int) walk.apply(step);
        boolean free = !places.contains(place);
        if (free && (!strict || avoided.add(groups.of(content.sample(key, of, place))))) {
          places.add(place);
          chosen[found++] = place;
        }
      }
    }
    return chosen;
  }

  private void deal(int[] rest, int count, int[] arranged, int first) {
    int batches = count / batch;
    if (batches == 0) {
      return;
    }
    RandomStream random = key.stream(Purpose.SAMPLE_ORDER, epoch, DEAL);
    int[] sorted = sortByGroup(rest, count, random);
    int[] order = IntStream.range(0, batches).toArray();
    int free = batches;
    for (int row = 0; row < batch; row++) {
      free = mix(order, free, sorted, row * batches, random);
      for (int column = 0; column < batches; column++) {
        arranged[first + order[column] * batch + row] = sorted[row * batches + column];
      }
    }
  }

  /// Draws the order of batches for the row that begins at `start`. The first samples of a group
  /// that crosses into the row go to the batches that have the least of it.
  ///
  /// @param order that of the row before
  /// @param free how many batches at the front of `order` had less of the row's first group than
  ///   the others, before the row before
  /// @return the same for the row after
  private int mix(int[] order, int free, int[] sorted, int start, RandomStream random) {
    int row = order.length;
    if (start == 0 || groups.of(sorted[start - 1]) != groups.of(sorted[start])) {
      shuffle(order, 0, row, random);
      return row;
    }
    int group = groups.of(sorted[start]);
    int before = 0;
    while (before < row && groups.of(sorted[start - 1 - before]) == group) {
      before++;
    }
    int after = 0;
    while (after < row && groups.of(sorted[start + after]) == group) {
      after++;
    }
    // A row that was all of one group has given each batch one more: the same ones have less.
    int less = before < row ? row - before : free;
    shuffle(order, 0, less, random);
    shuffle(order, Math.min(after, less), row, random);
    return less;
  }

  /// Sorts by group, groups and the samples of each in random order.
  private int[] sortByGroup(int[] samples, int count, RandomStream random) {
    shuffle(samples, 0, count, random);
    int[] rank = IntStream.range(0, groups.count()).toArray();
    shuffle(rank, 0, rank.length, random);
    int[] next = new int[rank.length + 1];
    for (int i = 0; i < count; i++) {
      next[rank[groups.of(samples[i])] + 1]++;
    }
    Arrays.parallelPrefix(next, Integer::sum);
    int[] sorted = new int[count];
    for (int i = 0; i < count; i++) {
      sorted[next[rank[groups.of(samples[i])]]++] = samples[i];
    }
    return sorted;
  }

  private static void shuffle(int[] values, int from, int to, RandomStream random) {
    for (int i = to - 1; i > from; i--) {
      int other = from + random.nextInt(i - from + 1);
      int value = values[i];
      values[i] = values[other];
      values[other] = value;
    }
  }
}
