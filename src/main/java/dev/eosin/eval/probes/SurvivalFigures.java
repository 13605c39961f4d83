package dev.eosin.eval.probes;

import java.util.List;

/// The c-index of risks.
///
/// @param risks of the rows `[n]`; larger means sooner
/// @param survival `[n]`
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record SurvivalFigures(double[] risks, Concordance.Survival[] survival) implements Figures {
  @Override
  public List<String> names() {
    return List.of("c_index");
  }

  @Override
  public double[] of(int[] times) {
    return new double[] {Concordance.of(risks, survival, times).orElse(Double.NaN)};
  }

  @Override
  public int rows() {
    return survival.length;
  }
}
