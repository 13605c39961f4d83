package dev.eosin.eval.probes;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.stream.IntStream;

/// Draws a few rows of each class to learn from: a function of seed, shots, repeat and class.
public final class FewShots {
  private FewShots() {}

  /// Draws without replacement; a class with fewer rows gives all it has.
  ///
  /// @param rows to draw from
  /// @param classes of all rows `[n]`
  /// @param count of classes
  /// @param shots of each class
  /// @param repeat which of several draws
  public static int[] draw(
      RandomKey key, int[] rows, int[] classes, int count, int shots, int repeat) {
    return IntStream.range(0, count)
        .flatMap(
            label -> {
              int[] own = IntStream.of(rows).filter(row -> classes[row] == label).toArray();
              RandomStream random =
                  key.stream(Purpose.FEW_SHOTS, repeat, (long) label * (1 << 20) + shots);
              for (int i = 0; i < Math.min(shots, own.length); i++) {
                int other = i + random.nextInt(own.length - i);
                int swapped = own[other];
                own[other] = own[i];
                own[i] = swapped;
              }
              return IntStream.of(own).limit(shots);
            })
        .toArray();
  }
}
