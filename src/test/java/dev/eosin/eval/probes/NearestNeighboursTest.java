package dev.eosin.eval.probes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Neighbours of other groups.
class NearestNeighboursTest {
  private static final int ROWS = 600;
  private static final int WIDTH = 7;
  private static final int LARGEST = 500;

  @Test
  void rowsOfTheOwnGroupArePassedOverHoweverManyThereAre() {
    RandomStream random = new RandomKey(3).stream(RandomKey.Purpose.SYNTHETIC_TILE, 0, 0);
    double[][] vectors = new double[ROWS][WIDTH];
    int[] groups = new int[ROWS];
    for (int row = 0; row < ROWS; row++) {
      groups[row] = row < LARGEST ? 0 : 1 + row % 4;
      for (int i = 0; i < WIDTH; i++) {
        vectors[row][i] = random.nextGaussian();
      }
    }
    var neighbours = new NearestNeighbours(vectors, new int[ROWS], 1);
    int[][] few = neighbours.places(vectors, groups, groups, 5);
    for (int row = 0; row < ROWS; row++) {
      assertThat(few[row]).containsExactly(expected(vectors, groups, row, 5));
    }
    int[][] all = neighbours.places(vectors, groups, groups, ROWS);
    assertThat(all[0]).containsExactly(expected(vectors, groups, 0, ROWS)).hasSize(ROWS - LARGEST);
  }

  private static int[] expected(double[][] vectors, int[] groups, int row, int most) {
    double[] own = NearestNeighbours.unit(vectors[row]);
    return IntStream.range(0, ROWS)
        .filter(other -> groups[other] != groups[row])
        .boxed()
        .sorted(
            Comparator.comparingDouble(
                other ->
                    -LogisticRegression.dot(own, 0, NearestNeighbours.unit(vectors[(int) other]))))
        .limit(most)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
