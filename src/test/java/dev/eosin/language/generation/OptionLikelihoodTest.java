package dev.eosin.language.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.language.generation.OptionLikelihood.Normalisation;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionLikelihoodTest {
  @Test
  void aLikelihoodIsTheSumOverItsTokens() {
    OptionLikelihood likelihood =
        OptionLikelihood.of(new float[] {-1.5f, -0.25f, -2f}, " na\u00EFve \uD83D\uDD2C");
    assertThat(likelihood).isEqualTo(new OptionLikelihood(-3.75, 3, 7));
    assertThat(likelihood.by(Normalisation.NONE)).isEqualTo(-3.75);
    assertThat(likelihood.by(Normalisation.TOKENS)).isEqualTo(-1.25);
    assertThat(likelihood.by(Normalisation.CHARACTERS)).isCloseTo(-3.75 / 7, within(1e-12));
  }

  @Test
  void theBestDependsOnTheNormalisation() {
    List<OptionLikelihood> options =
        List.of(
            new OptionLikelihood(-2, 1, 2),
            new OptionLikelihood(-3, 2, 3),
            new OptionLikelihood(-6, 3, 30),
            new OptionLikelihood(-2, 1, 2));
    assertThat(OptionLikelihood.best(options, Normalisation.NONE)).isZero();
    assertThat(OptionLikelihood.best(options, Normalisation.TOKENS)).isEqualTo(1);
    assertThat(OptionLikelihood.best(options, Normalisation.CHARACTERS)).isEqualTo(2);
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    assertThatThrownBy(() -> OptionLikelihood.of(new float[0], "yes"))
        .hasMessageContaining("0 tokens");
    assertThatThrownBy(() -> OptionLikelihood.of(new float[] {-1}, " "))
        .hasMessageContaining("0 characters");
    assertThatThrownBy(() -> OptionLikelihood.of(new float[] {Float.NaN}, "yes"))
        .hasMessageContaining("not a number");
    assertThatThrownBy(() -> OptionLikelihood.best(List.of(), Normalisation.NONE))
        .hasMessage("no option to choose from");
  }
}
