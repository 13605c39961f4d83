package dev.eosin.run.rehearsals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What a range test's curve says.
class RateCurveTest {
  /// Of 64 pairs.
  private static final double CHANCE = Math.log(64);

  private static RateCurve of(List<Double> losses) {
    return new RateCurve(
        IntStream.range(0, losses.size())
            .mapToObj(i -> new RateCurve.Point(Math.pow(10, i - 8), losses.get(i), losses.get(i)))
            .toList(),
        true,
        CHANCE);
  }

  @Test
  void theSuggestionIsATenthOfTheRateWithTheLowestLoss() {
    RateCurve curve = of(List.of(5.0, 4.9, 4.7, 4.0, 2.0, 1.5, 1.4, 3.0, 6.0, 9.0));
    assertThat(curve.minimum().orElseThrow().rate()).isCloseTo(1e-2, within(1e-9));
    assertThat(curve.suggestion().orElseThrow()).isCloseTo(1e-3, within(1e-9));
    // Central differences: from 4.7 to 2.0 around the fourth point, 4.0 to 1.5 around the fifth.
    assertThat(curve.steepest().orElseThrow().rate()).isCloseTo(1e-5, within(1e-12));
    assertThat(RatePicture.svg(curve)).startsWith("<svg ").contains("1e-8", "1e1", "#c00");
  }

  @Test
  void aFewPointsSuggestNothing() {
    RateCurve curve = of(List.of(5.0, 30.0));
    assertThat(curve.suggestion()).isEmpty();
    assertThat(curve.steepest()).isEmpty();
    assertThat(curve.lines()).anyMatch(line -> line.contains("lower --from"));
  }

  @Test
  void aLossThatNeverFellSuggestsNothing() {
    RateCurve curve = of(List.of(5.0, 5.1, 5.0, 5.2, 5.1, 5.0, 5.1, 5.2, 5.4, 6.0));
    assertThat(curve.minimum().orElseThrow().rate()).isCloseTo(1e-8, within(1e-12));
    assertThat(curve.suggestion()).isEmpty();
    assertThat(curve.lines().getLast()).contains("no suggestion", "--steps");
  }

  @Test
  void whatComesAfterASpikeIsNoMinimum() {
    List<Double> losses = List.of(5.0, 4.8, 4.5, 4.4, 4.6, 7.5, 8.0, 5.0, 3.5, 3.5);
    RateCurve curve = new RateCurve(of(losses).points(), false, CHANCE);
    assertThat(curve.minimum().orElseThrow().rate()).isCloseTo(1e-5, within(1e-12));
    assertThat(curve.lines())
        .anyMatch(line -> line.startsWith("the loss spiked at rate 1.00e-03: "));
  }

  @Test
  void aLossThatStaysAtChanceAfterASmallRiseCollapsed() {
    List<Double> losses =
        List.of(4.31, 4.28, 4.14, 3.97, 4.52, 4.3, 4.2, 4.159, 4.158, 4.159, 4.16, 4.159);
    RateCurve curve = new RateCurve(of(losses).points(), false, CHANCE);
    assertThat(curve.minimum().orElseThrow().rate()).isCloseTo(1e-5, within(1e-12));
    assertThat(curve.suggestion().orElseThrow()).isCloseTo(1e-6, within(1e-12));
    assertThat(curve.lines())
        .contains(
            "collapsed: from rate 1.00e-02 on the loss stays at 4.1589, that of one answer for everything; what comes from rate 1.00e-04 on is left out")
        .noneMatch(line -> line.contains("did not diverge"));
  }

  @Test
  void aLossThatOnlyFallsToChanceSuggestsNothing() {
    List<Double> losses =
        List.of(4.4, 4.39, 4.38, 4.3, 4.25, 4.2, 4.19, 4.159, 4.158, 4.159, 4.16, 4.159);
    RateCurve curve = new RateCurve(of(losses).points(), false, CHANCE);
    assertThat(curve.suggestion()).isEmpty();
    assertThat(curve.lines().getLast()).contains("never below what it collapsed to");
  }

  @Test
  void aLossThatNeverLeftChanceDidNotCollapse() {
    List<Double> losses = List.of(4.22, 4.2, 4.18, 4.1, 4.15, 4.16, 4.16, 4.159, 4.158, 4.157);
    RateCurve curve = new RateCurve(of(losses).points(), false, CHANCE);
    assertThat(curve.lines()).anyMatch(line -> line.startsWith("did not diverge"));
  }

  @Test
  void smoothingStartsAtTheFirstLossAndSeesDivergence() {
    var smoothing = new RateCurve.Smoothing();
    assertThat(smoothing.add(2.0)).isCloseTo(2.0, within(1e-12));
    assertThat(smoothing.diverged()).isFalse();
    // (0.09 * 2 + 0.1 * 100) / 0.19
    assertThat(smoothing.add(100.0)).isCloseTo(53.578947, within(1e-5));
    assertThat(smoothing.diverged()).isTrue();
  }
}
