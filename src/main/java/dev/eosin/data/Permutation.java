package dev.eosin.data;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.Objects;

/// A random permutation of [0, size) that is computed, not stored: a few hundred bytes whatever the
/// size, and any image on its own in O(log size).
///
/// "Swap or not" (Hoang, Morris, Rogaway: An Enciphering Scheme Based on a Card Shuffle, CRYPTO
/// 2012, section 2): in each round x is paired with `pivot - x` modulo size, and one random bit per
/// pair and round says whether the two change places. Each round is its own inverse, so their
/// composition is a permutation of exactly [0, size), without cycle walking.
public final class Permutation {
  // The paper's bound for n = 2^20 falls below 2^-10 at 6 log2(n) rounds; tiny sizes, where few
  // pairs exist, get 48 more (see the chi-square tests).
  private static final int ROUNDS_PER_BIT = 6;
  private static final int EXTRA_ROUNDS = 48;

  private final long size;
  private final long[] pivots;
  private final RandomKey[] pairBits;

  public Permutation(RandomKey key, long epoch, long size) {
    this(key, epoch, size, 0);
  }

  /// @param series tells permutations of the same epoch and size apart
  public Permutation(RandomKey key, long epoch, long size, long series) {
    this.size = size;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
    int rounds = ROUNDS_PER_BIT * bits + EXTRA_ROUNDS;
    RandomStream random = key.stream(Purpose.SAMPLE_ORDER, epoch, series);
    pivots = random.longs(rounds, 0, size).toArray();
    pairBits = new RandomKey[rounds];
    for (int round = 0; round < rounds; round++) {
      pairBits[round] = new RandomKey(random.nextLong());
    }
  }

  /// Where `x` in [0, size) goes.
  public long apply(long x) {
    Objects.checkIndex(x, size);
    long image = x;
    for (int round = 0; round < pivots.length; round++) {
      long difference = pivots[round] - image;
      long partner = difference < 0 ? difference + size : difference;
      long pair = Math.max(image, partner);
      if (pairBits[round].stream(Purpose.SAMPLE_ORDER, round, pair).nextLong() < 0) {
        image = partner;
      }
    }
    return image;
  }
}
