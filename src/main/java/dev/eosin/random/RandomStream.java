package dev.eosin.random;

import java.util.random.RandomGenerator;

/// SplitMix64 (Steele, Lea, Flood 2014): 64 bits of state, so a stream costs nothing to make. Used
/// by one thread.
///
/// The default methods of [RandomGenerator] (`nextDouble`, `nextInt(bound)`, `nextGaussian`) are
/// functions of `nextLong` alone.
public final class RandomStream implements RandomGenerator {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private long state;

  RandomStream(long state) {
    this.state = state;
  }

  @Override
  public long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /// 64 independent bits, each 1 with the given probability.
  ///
  /// Each bit compares a number of its own, uniform in [0, 1), with the probability, binary digit
  /// by digit until they differ; 64 of them need about seven draws together.
  ///
  /// @param probability at least 0 and less than 1; rounded down to a multiple of 2^-62
  public long nextBits(double probability) {
    long digits = (long) (probability * 0x1p62);
    long ones = 0;
    long undecided = -1;
    for (int digit = 61; undecided != 0 && digit >= 0; digit--) {
      long drawn = nextLong();
      if ((digits >>> digit & 1) == 1) {
        ones |= undecided & ~drawn;
        undecided &= drawn;
      } else {
        undecided &= ~drawn;
      }
    }
    return ones;
  }

  /// Stafford's variant 13 of the MurmurHash3 finaliser.
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
