package dev.eosin.eval.slides;

import dev.eosin.eval.probes.Concordance;
import dev.eosin.eval.probes.Figures;
import java.util.List;

/// The c-index of risks.
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record SurvivalFigures(double[] risks, Concordance.Survival[] survival) implements Figures {
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
