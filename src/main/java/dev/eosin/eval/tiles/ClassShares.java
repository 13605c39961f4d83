package dev.eosin.eval.tiles;

import dev.eosin.config.Share;
import dev.eosin.random.RandomStream;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Shares of each class's tiles, of which a task that learns on shares makes a result each.
final class ClassShares {
  private ClassShares() {}

  /// The shares that a task lists.
  ///
  /// @throws IllegalArgumentException for no share, or a share of nothing
  static List<Share> checked(List<Share> shares) {
    TileTask.requireSome("shares", shares);
    if (shares.stream().anyMatch(share -> share.value() <= 0)) {
      throw new IllegalArgumentException("shares: nothing is learnt from a share of nothing");
    }
    return List.copyOf(shares);
  }

  /// What a task is called: with its share where it has one.
  ///
  /// @param all what it is called with several
  static String title(String all, List<Share> shares) {
    return shares.size() == 1
        ? "%s-%s".formatted(all, shares.getFirst().toString().replace(" ", ""))
        : all;
  }

  /// Some of `rows`, in their order: the share of each class's, at least one of each class that has
  /// any.
  ///
  /// @param draws the randomness of each class
  static int[] drawn(TileSides sides, int[] rows, Share share, IntFunction<RandomStream> draws) {
    return IntStream.range(0, sides.classes())
        .flatMap(
            label -> {
              int[] own = IntStream.of(rows).filter(row -> sides.truth()[row] == label).toArray();
              shuffle(own, draws.apply(label));
              return IntStream.of(own).limit(Math.max(1, Math.round(share.value() * own.length)));
            })
        .sorted()
        .toArray();
  }

  /// Puts rows into another order, each as likely as any.
  static void shuffle(int[] rows, RandomStream random) {
    for (int i = rows.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = rows[i];
      rows[i] = rows[other];
      rows[other] = kept;
    }
  }
}
