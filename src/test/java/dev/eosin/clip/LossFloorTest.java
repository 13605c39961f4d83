package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.clip.LossSettings.Positives;
import java.nio.file.Path;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/// What a batch can be learned to, by hand.
class LossFloorTest {
  private static final Offset<Double> ROUNDING = within(1e-6);
  private static final int[] DISTINCT = {0, 1, 2, 3};
  private static final int[] TWO_ALIKE = {0, 0, 2, 3};

  private static LossFloor of(LossSettings loss, int[] classes) {
    return LossFloor.of(loss, classes, Optional.empty());
  }

  @Test
  void captionsThatAreAlikeLeaveAGuess() {
    var loss = new LossSettings.Contrastive(0.1);
    assertThat(of(loss, DISTINCT).floor()).isZero();
    assertThat(of(loss, TWO_ALIKE).floor()).isCloseTo(Math.log(2) / 2, ROUNDING);
    assertThat(of(loss, TWO_ALIKE).chance()).isCloseTo(Math.log(4), ROUNDING);
  }

  @Test
  void chanceTellsOnlyOfHardTargetsThatAreToldApart() {
    var plain = new LossSettings.Contrastive(0);
    assertThat(of(plain, DISTINCT).tells(plain)).isTrue();
    assertThat(of(plain, new int[4]).tells(plain)).isFalse();
    var smooth = new LossSettings.Contrastive(0.1);
    assertThat(of(smooth, DISTINCT).tells(smooth)).isFalse();
    var siglip = new LossSettings.SigLip(Positives.OWN_CAPTION);
    assertThat(of(siglip, DISTINCT).tells(siglip)).isFalse();
  }

  @Test
  void aQuestionOfYesAndNoIsAGuessOnlyWhereOneCaptionHasBothAnswers() {
    var own = new LossSettings.SigLip(Positives.OWN_CAPTION);
    assertThat(of(own, DISTINCT).floor()).isZero();
    // Two rows have two questions of one yes and one no, each ln 2.
    assertThat(of(own, TWO_ALIKE).floor()).isCloseTo(Math.log(2), ROUNDING);
    // Four questions at 1/4: 4 (1/4 ln 4 + 3/4 ln 4/3).
    assertThat(of(own, DISTINCT).chance()).isCloseTo(Math.log(4) + 3 * Math.log(4 / 3.0), ROUNDING);
    var equal = new LossSettings.SigLip(Positives.EQUAL_CAPTIONS);
    assertThat(of(equal, TWO_ALIKE).floor()).isZero();
    // 6 of 16 questions are a yes.
    double share = 6 / 16.0;
    assertThat(of(equal, TWO_ALIKE).chance())
        .isCloseTo(-4 * (share * Math.log(share) + (1 - share) * Math.log(1 - share)), ROUNDING);
  }

  @Test
  void aTeacherThatIsUnsureLeavesTheEntropyOfBothTargets() {
    var teacher =
        new DistillationSettings(
            new ModelSettings(
                Optional.of("tiny"),
                Optional.empty(),
                Optional.of(new WeightsSettings.OpenClip(Path.of("teacher.safetensors"))),
                Optional.empty(),
                ModelSettings.TextPositions.INTERPOLATE,
                0,
                Optional.empty()),
            3.0);
    var loss = new LossSettings.Contrastive(0, Positives.OWN_CAPTION, Optional.of(teacher));
    LossFloor unsure = LossFloor.of(loss, new int[] {0, 1}, Optional.of(new float[2][2]));
    // One half by the pairs' target and three halves by the teacher's: (1 + 3/2, 3/2) / 4.
    double own = 2.5 / 4;
    double entropy = -own * Math.log(own) - (1 - own) * Math.log(1 - own);
    assertThat(unsure.floor()).isCloseTo(4 * entropy, ROUNDING);
    assertThat(unsure.chance()).isCloseTo(4 * Math.log(2), ROUNDING);
    float[][] sure = {{90, 0}, {0, 90}};
    assertThat(LossFloor.of(loss, new int[] {0, 1}, Optional.of(sure)).floor())
        .isCloseTo(0, ROUNDING);
    // It asks the first image for the second text, but not the other way round: rows differ from
    // columns.
    float[][] lopsided = {{0, 90}, {0, 90}};
    assertThat(LossFloor.of(loss, new int[] {0, 1}, Optional.of(lopsided)).floor())
        .isCloseTo(
            (4 * -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)) + 2 * 4 * entropy) / 4, ROUNDING);
  }
}
