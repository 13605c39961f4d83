package dev.eosin.train.machine;

import java.util.List;

/// Walks the phases of a step and keeps count of what is alive, in bytes.
final class StepMemory {
  private long held;
  private long kept;
  private long gradients;
  private long peak;

  private final boolean early;

  private StepMemory(boolean early) {
    this.early = early;
  }

  /// The most that activations, gradients and losses need at the same time.
  ///
  /// @param early whether gradients are applied as they come
  static long peak(List<Phase> phases, boolean early) {
    var memory = new StepMemory(early);
    phases.forEach(memory::pass);
    return memory.peak;
  }

  private void pass(Phase phase) {
    switch (phase) {
      case Phase.Holds holds -> held += holds.item().bytes();
      case Phase.Work work -> reach(work.item().bytes());
      case Phase.Forward forward -> {
        reach(forward.part().forwardPeak(forward.keeps()));
        kept += forward.keeps() ? forward.part().kept() : 0;
      }
      case Phase.Backward backward -> {
        kept -= backward.part().kept();
        reach(backward.part().backwardPeak(false, early));
        gradients += early ? 0 : backward.part().gradients();
      }
      case Phase.Again again -> {
        reach(again.part().backwardPeak(true, early));
        gradients += early ? 0 : again.part().gradients();
      }
    }
  }

  private void reach(long more) {
    peak = Math.max(peak, held + kept + gradients + more);
  }
}
