package dev.eosin.train;

import java.util.List;

/// Walks the phases of a step and keeps count of what is alive, in bytes.
final class StepMemory {
  private long held;
  private long kept;
  private long gradients;
  private long peak;

  private StepMemory() {}

  /// The most that activations, gradients and losses need at the same time.
  static long peak(List<Phase> phases) {
    var memory = new StepMemory();
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
        reach(backward.part().backwardPeak(false));
        gradients += backward.part().gradients();
      }
      case Phase.Again again -> {
        reach(again.part().backwardPeak(true));
        gradients += again.part().gradients();
      }
    }
  }

  private void reach(long more) {
    peak = Math.max(peak, held + kept + gradients + more);
  }
}
