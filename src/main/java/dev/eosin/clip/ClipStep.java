package dev.eosin.clip;

import dev.eosin.group.Group;
import dev.eosin.tensor.GradientSink;
import dev.eosin.train.StepLosses;

/// How the loss of a step's rows becomes gradients.
public sealed interface ClipStep permits WholeStep, CachedStep, RankedStep, DroppingStep {
  /// Computes the loss and delivers the gradients of `scale` times the loss.
  ///
  /// @param scale 1, or what keeps small gradients from vanishing in fp16
  /// @param losses get the loss before anything is differentiated
  /// @param sink receives each parameter's gradient once, or once for each part of the rows
  void run(StepRows rows, double scale, StepLosses losses, GradientSink sink);

  /// All rows together where they are to go through the towers at once; otherwise a gradient cache.
  ///
  /// @param rows in a step
  /// @param atOnce rows that go through the towers together
  static ClipStep of(Clip clip, PairLoss loss, int rows, int atOnce) {
    return atOnce >= rows ? new WholeStep(clip, loss) : new CachedStep(clip, loss, atOnce);
  }

  /// As above, where several ranks have a share of the rows each.
  static ClipStep of(Clip clip, PairLoss loss, int rows, int atOnce, Group group) {
    return group.size() == 1
        ? of(clip, loss, rows, atOnce)
        : RankedStep.of(clip, loss, atOnce, group);
  }

  /// The same step with what training leaves out: a part of the patches, of what enters the
  /// adapters where the model has some with dropout, and of what a text tower of BERT kind drops;
  /// `step` itself where nothing is left out.
  ///
  /// @param patches with the key of the run
  static ClipStep dropping(ClipStep step, PatchDropout patches, Clip clip) {
    return patches.share() == 0 && !clip.dropsInputsOfAdapters() && !TextDropout.isIn(clip)
        ? step
        : new DroppingStep(step, patches, clip);
  }
}
