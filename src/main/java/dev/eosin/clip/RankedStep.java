package dev.eosin.clip;

import dev.eosin.group.Group;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.StepLosses;
import java.util.ArrayList;
import java.util.List;

/// A contrastive loss over ranks: each embeds its own rows, all see the embeddings of all rows, so
/// that there are as many negatives as in one process, and each carries the gradients of its own
/// embeddings on to the weights. Rows that do not go through the towers together are embedded
/// twice, by a gradient cache.
///
/// Each adds its rows' share of the loss, see [RankedLoss].
///
/// @param atOnce rows that go through a tower together
record RankedStep(Clip clip, RankedLoss shared, int atOnce) implements ClipStep {
  static RankedStep of(Clip clip, PairLoss loss, int atOnce, Group group) {
    return new RankedStep(clip, new RankedLoss(loss, group), atOnce);
  }

  @Override
  public void run(StepRows rows, double scale, StepLosses losses, GradientSink sink) {
    try (Scope scope = new Scope()) {
      List<Tensor> beside =
          shared.beside(scope, clip.engine(), rows, Math.min(atOnce, rows.size()));
      if (atOnce >= rows.size()) {
        whole(scope, rows, beside, scale, losses, sink);
      } else {
        inParts(scope, rows, beside, scale, losses, sink);
      }
    }
  }

  private void whole(
      Scope scope,
      StepRows rows,
      List<Tensor> beside,
      double scale,
      StepLosses losses,
      GradientSink sink) {
    try (Tape tape = new Tape(clip.engine())) {
      Value image = Tower.IMAGE.features(tape, clip, rows, 0, rows.size());
      Value text = Tower.TEXT.features(tape, clip, rows, 0, rows.size());
      RankedLoss.Found found =
          shared.of(scope, clip.logits(), image.data(), text.data(), beside, scale, losses, sink);
      List<Value> values = new ArrayList<>();
      List<Tensor> gradients = new ArrayList<>();
      add(Tower.IMAGE, image, found.images(), values, gradients);
      add(Tower.TEXT, text, found.texts(), values, gradients);
      tape.backward(values, gradients, sink);
    }
  }

  /// The tape takes over what it is given: a copy, since the scope closes the gradients.
  private void add(
      Tower tower, Value value, Tensor gradient, List<Value> values, List<Tensor> gradients) {
    if (tower.isTrained(clip)) {
      values.add(value);
      gradients.add(clip.engine().kernels().one("copied", gradient));
    }
  }

  private void inParts(
      Scope scope,
      StepRows rows,
      List<Tensor> beside,
      double scale,
      StepLosses losses,
      GradientSink sink) {
    Tensor images = scope.own(Tower.IMAGE.embed(clip, rows, atOnce));
    Tensor texts = scope.own(Tower.TEXT.embed(clip, rows, atOnce));
    RankedLoss.Found found =
        shared.of(scope, clip.logits(), images, texts, beside, scale, losses, sink);
    CachedStep.differentiate(clip, atOnce, rows, Tower.IMAGE, found.images(), sink);
    CachedStep.differentiate(clip, atOnce, rows, Tower.TEXT, found.texts(), sink);
  }
}
