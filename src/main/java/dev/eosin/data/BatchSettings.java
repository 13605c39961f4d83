package dev.eosin.data;

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
            "Pairs that go through the towers at once; fewer need less memory and give the same step, at the price of a second forward pass. Without it all at once.")
        @Range(min = 1)
        Optional<Integer> micro) {
  /// All pairs at once.
  public BatchSettings(int global) {
    this(global, Optional.empty());
  }

  /// Pairs that go through the towers at once.
  public int atOnce() {
    return micro.orElse(global);
  }
}
