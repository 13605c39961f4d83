package dev.eosin.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  private static final RandomKey KEY = new RandomKey(7);

  @Test
  void theIntervalOfAProportionIsTheBinomialOne() {
    Interval interval = bootstrap(400, 300, ungrouped(400)).interval(ConfusionMatrix::top1);

    // Normal approximation: 0.75 +- 1.96 * sqrt(0.75 * 0.25 / 400) = 0.75 +- 0.0424.
    assertThat(interval.low()).isCloseTo(0.7076, within(0.006));
    assertThat(interval.high()).isCloseTo(0.7924, within(0.006));
  }

  @Test
  void rowsOfOneGroupAreDrawnTogether() {
    List<Optional<String>> groups = new ArrayList<>();
    for (int row = 0; row < 400; row++) {
      groups.add(Optional.of("slide-" + row / 25));
    }
    Bootstrap grouped = bootstrap(400, 300, groups);
    Interval interval = grouped.interval(ConfusionMatrix::top1);

    // 16 slides, 12 of them wholly right: 0.75 +- 1.96 * sqrt(0.75 * 0.25 / 16) = 0.75 +- 0.21.
    assertThat(grouped.units()).isEqualTo(16);
    assertThat(interval.low()).isCloseTo(0.54, within(0.05));
    assertThat(interval.high()).isCloseTo(0.94, within(0.05));
  }

  @Test
  void theSameRowsGiveTheSameInterval() {
    assertThat(bootstrap(50, 20, ungrouped(50)).interval(ConfusionMatrix::balancedAccuracy))
        .isEqualTo(bootstrap(50, 20, ungrouped(50)).interval(ConfusionMatrix::balancedAccuracy));
  }

  @Test
  void allRightHasNoWidth() {
    assertThat(bootstrap(10, 10, ungrouped(10)).interval(ConfusionMatrix::top1))
        .isEqualTo(new Interval(1, 1));
  }

  @Test
  void noRowsAreRefused() {
    assertThatThrownBy(() -> new Bootstrap(KEY, 10, new int[0], new int[0], List.of(), 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /// The first `right` of `rows` rows are predicted right.
  private static Bootstrap bootstrap(int rows, int right, List<Optional<String>> groups) {
    int[] truth = new int[rows];
    int[] predicted = new int[rows];
    Arrays.fill(predicted, right, rows, 1);
    return new Bootstrap(KEY, 2_000, truth, predicted, groups, 2);
  }

  private static List<Optional<String>> ungrouped(int rows) {
    return Collections.nCopies(rows, Optional.empty());
  }
}
