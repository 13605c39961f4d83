package dev.eosin.eval.slides;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/// How Patho-Bench trains its network: a bag an update, of each some tiles that are drawn anew, and
/// a rate that falls by a cosine to nearly nothing.
///
/// @param lr learning rate at the beginning
/// @param epochs passes over the bags
/// @param tiles of a bag that are looked at, at most
/// @param key draws order, tiles and dropout
record PathoBenchTraining(double lr, int epochs, int tiles, RandomKey key) {
  /// Where the cosine ends.
  private static final double LEAST_RATE = 1e-8;

  private static final int TEST_DRAW = -1;

  /// Learns from a bag.
  interface Update {
    /// @param bag its number
    /// @param tiles those that are looked at `[n][c]`
    void learn(int bag, float[][] tiles, double rate, OptionalLong dropout);
  }

  /// All updates.
  ///
  /// @param bags tiles of each `[n][c]`
  void learn(List<float[][]> bags, Update update) {
    long all = (long) bags.size() * epochs;
    long done = 0;
    for (int epoch = 1; epoch <= epochs; epoch++) {
      for (int bag : order(bags.size(), key, epoch)) {
        double rate = LEAST_RATE + (lr - LEAST_RATE) * (1 + Math.cos(Math.PI * done / all)) / 2;
        long seed = key.stream(Purpose.PROBE_ORDER, done, TEST_DRAW - 1).nextLong();
        update.learn(bag, drawn(bags.get(bag), epoch, bag), rate, OptionalLong.of(seed));
        done++;
      }
    }
  }

  /// The tiles by which a bag is judged.
  ///
  /// @param sample whose bag it is
  /// @param slide which of the sample's bags
  float[][] judged(float[][] bag, int sample, int slide) {
    return drawn(bag, TEST_DRAW, sample * 1000 + slide);
  }

  /// So many tiles of a bag, none twice; all where it has no more.
  private float[][] drawn(float[][] bag, int epoch, int place) {
    if (bag.length <= tiles) {
      return bag;
    }
    int[] order = shuffled(bag.length, key.stream(Purpose.FEW_SHOTS, epoch, place));
    return IntStream.of(order).limit(tiles).sorted().mapToObj(i -> bag[i]).toArray(float[][]::new);
  }

  /// The order of a pass.
  static int[] order(int count, RandomKey key, int epoch) {
    return shuffled(count, key.stream(Purpose.PROBE_ORDER, epoch, 1));
  }

  private static int[] shuffled(int count, RandomStream random) {
    int[] order = new int[count];
    for (int i = 0; i < order.length; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }
}
