package dev.eosin.eval.probes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.random.RandomKey;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Rows of one slide: all resamples are alike, which says nothing of other slides.
class OneGroupTest {
  private static final Optional<String> SLIDE = Optional.of("slide");
  private static final LabelScores SCORES =
      new LabelScores(
          new double[][] {{0.9, 0.1}, {0.2, 0.8}, {0.7, 0.3}, {0.4, 0.6}}, new int[] {0, 1, 1, 0});
  private static final LabelScores OTHER =
      new LabelScores(
          new double[][] {{0.9, 0.1}, {0.2, 0.8}, {0.1, 0.9}, {0.4, 0.6}}, new int[] {0, 1, 1, 0});

  @Test
  void figuresHaveNoInterval() {
    var one = new Resamples(new RandomKey(1), List.of(SLIDE, SLIDE, SLIDE, SLIDE));
    Figure accuracy = SCORES.measured(one, 100).get("accuracy");
    assertThat(accuracy).isEqualTo(new Figure(0.5, Optional.empty()));
    Difference difference =
        Objects.requireNonNull(Difference.of(OTHER, SCORES, one, 100).get("accuracy"));
    assertThat(difference.value()).isEqualTo(0.25);
    assertThat(difference.interval()).isEmpty();
    assertThat(difference.p()).isNaN();
  }

  @Test
  void figuresOfTwoGroupsHaveOne() {
    var two = new Resamples(new RandomKey(1), List.of(SLIDE, SLIDE, SLIDE, Optional.of("other")));
    Figure figure = Objects.requireNonNull(SCORES.measured(two, 100).get("accuracy"));
    assertThat(figure.interval()).isPresent();
    Difference difference =
        Objects.requireNonNull(Difference.of(OTHER, SCORES, two, 100).get("accuracy"));
    assertThat(difference.interval()).isPresent();
  }
}
