package dev.eosin.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.eval.SumBootstrap.Cell;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SumBootstrapTest {
  private static final RandomKey KEY = new RandomKey(7);
  private static final int RESAMPLES = 400;

  private static double mean(double[] sums) {
    return sums[0] / sums[1];
  }

  private static double width(Interval interval) {
    return interval.high() - interval.low();
  }

  @Test
  void whatTheOthersDecideIsAsUncertainAsTheyAreFew() {
    List<Cell> cells = new ArrayList<>();
    List<double[]> units = new ArrayList<>();
    for (int unit = 0; unit < 100; unit++) {
      var sums = new double[2];
      for (int other = 0; other < 16; other++) {
        // A quarter of the others are right about everything.
        cells.add(new Cell(unit, other, new double[] {other % 4 == 0 ? 1 : 0, 1}));
        sums[0] += other % 4 == 0 ? 1 : 0;
        sums[1]++;
      }
      units.add(sums);
    }
    Interval crossed =
        SumBootstrap.crossed(KEY, RESAMPLES, cells).interval(SumBootstrapTest::mean).orElseThrow();
    // Normal approximation of 16 others: 0.25 +- 1.96 * sqrt(0.25 * 0.75 / 16) = 0.25 +- 0.21.
    assertThat(width(crossed)).isCloseTo(0.42, within(0.08));
    assertThat(
            new SumBootstrap(KEY, RESAMPLES, units)
                .interval(SumBootstrapTest::mean)
                .map(SumBootstrapTest::width))
        .hasValue(0.0);
  }

  /// Pictures of two kinds, each asked 'is it A?' where it is and 'is it B?' where it is not, and
  /// answered as another picture would have it, rightly: chance is one half.
  @Test
  void chanceIsInsideAsOftenAsItShouldBe() {
    int inside = 0;
    int tries = 200;
    for (int attempt = 0; attempt < tries; attempt++) {
      RandomStream random = KEY.stream(RandomKey.Purpose.OTHER_IMAGE, 1, attempt);
      int pictures = 60;
      int[] kinds = IntStream.range(0, pictures).map(i -> random.nextInt(2)).toArray();
      List<Cell> cells = new ArrayList<>();
      for (int move : new int[] {1, 7, 18, 29, 41}) {
        for (int i = 0; i < pictures; i++) {
          int other = (i + move) % pictures;
          cells.add(new Cell(i, other, new double[] {kinds[i] == kinds[other] ? 2 : 0, 2}));
        }
      }
      Interval interval =
          SumBootstrap.crossed(KEY, RESAMPLES, cells)
              .interval(SumBootstrapTest::mean)
              .orElseThrow();
      inside += interval.low() <= 0.5 && interval.high() >= 0.5 ? 1 : 0;
    }
    assertThat(inside / (double) tries).isBetween(0.93, 1.0);
  }

  @Test
  void oneOtherSaysNothingOfOthers() {
    List<Cell> cells =
        IntStream.range(0, 9).mapToObj(i -> new Cell(i, 0, new double[] {1, 2})).toList();
    assertThat(SumBootstrap.crossed(KEY, 10, cells).interval(SumBootstrapTest::mean)).isEmpty();
  }
}
