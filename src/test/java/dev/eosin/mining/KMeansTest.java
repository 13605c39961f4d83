package dev.eosin.mining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Against scikit-learn's KMeans.
class KMeansTest {
  private static final double ROUNDING = 2e-6;

  @Test
  void fromTheSameCentresItFindsWhatScikitLearnFinds() throws IOException {
    RecordedMining recorded = RecordedMining.read();
    KMeans found = KMeans.from(recorded.vectors("tiles"), recorded.vectors("first"), 300);
    assertThat(found.labels()).isEqualTo(recorded.whole("labels"));
    assertThat(found.inertia()).isEqualTo(recorded.number("inertia"), within(1e-5));
    float[][] centres = recorded.vectors("centres");
    for (int i = 0; i < centres.length; i++) {
      assertThat(found.centres()[i]).containsExactly(centres[i], within((float) ROUNDING));
    }
    assertThat(found.rounds()).isGreaterThan(1);
  }

  @Test
  void emptyClustersGetTheFarthestPointsAsInScikitLearn() throws IOException {
    RecordedMining recorded = RecordedMining.read();
    KMeans found = KMeans.from(recorded.vectors("tiles"), recorded.vectors("far"), 1);
    assertThat(found.inertia()).isEqualTo(recorded.number("relocated"), within(1e-4));
    assertThat(Arrays.stream(found.labels()).distinct().count()).isEqualTo(6);
  }

  @Test
  void equalSeedsGiveEqualClustersAndMoreRoundsNoWorseOnes() throws IOException {
    float[][] tiles = RecordedMining.read().vectors("tiles");
    KMeans one = KMeans.of(tiles, 12, 100, new SplittableRandom(5));
    KMeans same = KMeans.of(tiles, 12, 100, new SplittableRandom(5));
    assertThat(same.labels()).isEqualTo(one.labels());
    assertThat(same.inertia()).isEqualTo(one.inertia());
    assertThat(one.inertia())
        .isLessThan(KMeans.of(tiles, 12, 1, new SplittableRandom(5)).inertia());
  }

  @Test
  void pointsThatAreAllEqualAndAsManyClustersAsPointsWork() {
    float[][] equal = new float[5][3];
    Arrays.stream(equal).forEach(row -> row[1] = 1);
    assertThat(KMeans.of(equal, 3, 10, new SplittableRandom(1)).inertia()).isZero();
    float[][] apart = {{1, 0}, {0, 1}, {-1, 0}};
    assertThat(KMeans.of(apart, 3, 10, new SplittableRandom(1)).inertia()).isZero();
  }
}
