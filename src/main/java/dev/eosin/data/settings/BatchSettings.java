package dev.eosin.data.settings;

import dev.eosin.config.CountOrAuto;
import dev.eosin.config.Doc;
import dev.eosin.config.Range;
import java.util.Optional;

/// How many pairs make one optimiser step.
@Doc("How many pairs make one optimiser step.")
public record BatchSettings(
    @Doc("Pairs in one step, over all devices; also the number of negatives plus one.")
        @Range(min = 1)
        int global,
    @Doc(
            "Pairs that go through the towers at once; fewer need less memory and give the same"
                + " step, at the price of a second forward pass. Without it all at once; auto takes"
                + " as many as fit into the memory that is free when the run begins (`train --plan`"
                + " tells), and a run that resumes keeps its number where that still fits.")
        Optional<CountOrAuto> micro) {
  /// @throws IllegalArgumentException when no pair would go through the towers
  public BatchSettings {
    if (micro.isPresent() && micro.get().or(1) < 1) {
      throw new IllegalArgumentException("micro: must be at least 1, or auto");
    }
  }

  /// All pairs at once.
  public BatchSettings(int global) {
    this(global, Optional.empty());
  }

  /// Whether Eosin chooses how many pairs go through the towers at once.
  public boolean choosesAtOnce() {
    return micro.isPresent() && micro.get() instanceof CountOrAuto.Auto;
  }

  /// The same with a number of pairs that go through the towers at once.
  public BatchSettings withAtOnce(int pairs) {
    return new BatchSettings(global, Optional.of(new CountOrAuto.Count(pairs)));
  }

  /// Pairs that go through the towers at once; all of them where Eosin has yet to choose.
  public int atOnce() {
    return micro.map(pairs -> pairs.or(global)).orElse(global);
  }
}
