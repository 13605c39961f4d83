package dev.eosin.eval.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PrototypesTest {
  @Test
  void sharesAreTheSoftmaxOfScaledCosines() {
    double[][] known = {{1, 0, 0}, {0, 2, 0}};
    var prototypes = new Prototypes(known, new int[] {0, 1}, 2);
    double[][] asked = {{3, 4, 0}, {0.30, 0.29, 5}};
    double[][] shares = prototypes.shares(asked);
    assertThat(shares[0][0]).isCloseTo(1 / (1 + Math.exp(100 * (0.8 - 0.6))), within(1e-12));
    assertThat(shares[0][0] + shares[0][1]).isCloseTo(1, within(1e-12));
    // By raw cosines the first row, which is of the second class, would be more of the first.
    double[][] cosines = prototypes.cosines(asked);
    assertThat(cosines[0][0]).isGreaterThan(cosines[1][0]);
    assertThat(shares[0][0]).isLessThan(shares[1][0]);
  }
}
