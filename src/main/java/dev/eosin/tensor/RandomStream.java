package dev.eosin.tensor;

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

  /// Stafford's variant 13 of the MurmurHash3 finaliser.
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
