package dev.eosin.data.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomKey;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Which facts are drawn, and that a tile shows them.
class FactTilesTest {
  private static final int DRAWS = 40_000;

  private static FactTiles tiles(long series, int size) {
    return new FactTiles(new RandomKey(4), series, size);
  }

  /// Pearson's statistic of counts against equal ones.
  private static double chiSquare(long[] counts) {
    double expected = Arrays.stream(counts).sum() / (double) counts.length;
    return Arrays.stream(counts)
        .mapToDouble(count -> (count - expected) * (count - expected) / expected)
        .sum();
  }

  /// Five standard deviations above the mean of chi-square: of fixed draws, so no chance remains.
  private static double bound(int cells) {
    return cells - 1 + 5 * Math.sqrt(2.0 * (cells - 1));
  }

  @Test
  void factsAreUniformTogetherAndThereforeIndependent() {
    int cells =
        Arrays.stream(Fact.values()).mapToInt(f -> f.words().size()).reduce(1, (a, b) -> a * b);
    long[] counts = new long[cells];
    FactTiles tiles = tiles(0, 64);
    for (int i = 0; i < DRAWS; i++) {
      Facts facts = tiles.facts(i);
      int cell = 0;
      for (Fact fact : Fact.values()) {
        cell = cell * fact.words().size() + facts.value(fact);
      }
      counts[cell]++;
    }
    assertThat(cells).isEqualTo(9 * 3 * 3 * 2 * 4);
    assertThat(chiSquare(counts)).isBetween(cells * 0.7, bound(cells));
  }

  @Test
  void aTileIsAFunctionOfSeedSeriesAndIndexAlone() throws Exception {
    FactTiles tiles = tiles(0, 48);
    List<byte[]> alone = IntStream.range(0, 24).mapToObj(i -> tiles.draw(i).pixels()).toList();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<RgbImage>> together =
          IntStream.range(0, 24)
              .mapToObj(i -> threads.submit(() -> tiles(0, 48).draw(23 - i)))
              .toList();
      for (int i = 0; i < 24; i++) {
        assertThat(together.get(23 - i).get().pixels()).isEqualTo(alone.get(i));
      }
    }
  }

  /// Another number means another drawing: then raise `FactTiles.DRAWING_VERSION`.
  @Test
  void theDrawingIsPinned() {
    int hash = FactTiles.DRAWING_VERSION;
    for (int i = 0; i < 40; i++) {
      hash = 31 * hash + Arrays.hashCode(tiles(0, 40).draw(i).pixels());
      hash = 31 * hash + tiles(0, 40).captions(i).hashCode();
      FactQuestion asked = tiles(0, 40).question(i, 7);
      hash = 31 * hash + (asked.question() + asked.answer() + asked.told()).hashCode();
    }
    assertThat(hash).isEqualTo(886882933);
  }

  @Test
  void seriesSeedsAndIndicesGiveDifferentTiles() {
    Set<Integer> seen = new HashSet<>();
    for (long seed = 0; seed < 2; seed++) {
      for (long series = 0; series < 2; series++) {
        for (int i = 0; i < 60; i++) {
          seen.add(
              Arrays.hashCode(new FactTiles(new RandomKey(seed), series, 24).draw(i).pixels()));
        }
      }
    }
    assertThat(seen).hasSize(2 * 2 * 60);
  }

  @Test
  void onlyTheCalcificationsOwnQuadrantChangesWithIt() {
    for (int size : new int[] {64, 224}) {
      for (int quadrant = 0; quadrant < 4; quadrant++) {
        for (int i = 0; i < 8; i++) {
          RgbImage without = tiles(0, size).draw(new Facts(i, 1, 1, 0, quadrant), i);
          RgbImage with = tiles(0, size).draw(new Facts(i, 1, 1, 1, quadrant), i);
          double[] change = darkening(without, with);
          double elsewhere = 0;
          for (int q = 0; q < 4; q++) {
            elsewhere = Math.max(elsewhere, q == quadrant ? 0 : Math.abs(change[q]));
          }
          assertThat(change[quadrant]).isGreaterThan(4).isGreaterThan(5 * elsewhere);
        }
      }
    }
  }

  /// How much darker each quadrant's mean is, in grey levels.
  private static double[] darkening(RgbImage without, RgbImage with) {
    int size = with.width();
    double[] change = new double[4];
    for (int i = 0; i < with.pixels().length; i++) {
      int row = i / 3 / size;
      int column = i / 3 % size;
      int quadrant = 2 * (2 * row / size) + 2 * column / size;
      double before = without.pixels()[i] & 0xFF;
      change[quadrant] += (before - (with.pixels()[i] & 0xFF)) * 4.0 / with.pixels().length;
    }
    return change;
  }

  @Test
  void theMeanColourTellsTheStainOfEveryTissue() {
    int right = 0;
    int all = 0;
    for (int i = 0; i < 9 * 3 * 3 * 4; i++) {
      Facts facts = new Facts(i % 9, i / 9 % 3, i / 27 % 3, 0, 0);
      RgbImage tile = tiles(0, 64).draw(facts, i);
      double[] density = new double[3];
      for (int pixel = 0; pixel < tile.pixels().length; pixel++) {
        density[pixel % 3] -= Math.log(((tile.pixels()[pixel] & 0xFF) + 1) / 256.0);
      }
      double redOverGreen = density[0] / density[1];
      int told = redOverGreen < 0.54 ? 0 : redOverGreen < 1.03 ? 1 : 2;
      right += told == facts.stain() ? 1 : 0;
      all++;
    }
    assertThat(right / (double) all).isGreaterThan(0.98);
  }
}
