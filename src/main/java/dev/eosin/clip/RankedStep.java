package dev.eosin.clip;

import dev.eosin.group.Group;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;

/// A contrastive loss over ranks: each embeds its own rows, all see the embeddings of all rows, so
/// that there are as many negatives as in one process, and each carries the gradients of its own
/// embeddings on to the weights. Rows that do not go through the towers together are embedded
/// twice, by a gradient cache.
///
/// Each returns its rows' share of the loss, see [RankedLoss].
///
/// @param atOnce rows that go through a tower together
record RankedStep(Clip clip, RankedLoss shared, int atOnce) implements ClipStep {
  static RankedStep of(Clip clip, PairLoss loss, int atOnce, Group group) {
    return new RankedStep(clip, new RankedLoss(loss, group), atOnce);
  }

  @Override
  public double run(StepRows rows, double scale, DoubleConsumer judge, GradientSink sink) {
    try (Scope scope = new Scope()) {
      List<Tensor> beside =
          shared.beside(scope, clip.engine(), rows, Math.min(atOnce, rows.size()));
      return atOnce >= rows.size()
          ? whole(scope, rows, beside, scale, judge, sink)
          : inParts(scope, rows, beside, scale, judge, sink);
    }
  }

  private double whole(
      Scope scope,
      StepRows rows,
      List<Tensor> beside,
      double scale,
      DoubleConsumer judge,
      GradientSink sink) {
    try (Tape tape = new Tape(clip.engine())) {
      Value image = Tower.IMAGE.features(tape, clip, rows, 0, rows.size());
      Value text = Tower.TEXT.features(tape, clip, rows, 0, rows.size());
      RankedLoss.Found found =
          shared.of(scope, clip.logits(), image.data(), text.data(), beside, scale, judge, sink);
      List<Value> values = new ArrayList<>();
      List<Tensor> gradients = new ArrayList<>();
      add(Tower.IMAGE, image, found.images(), values, gradients);
      add(Tower.TEXT, text, found.texts(), values, gradients);
      tape.backward(values, gradients, sink);
      return found.share();
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

  private double inParts(
      Scope scope,
      StepRows rows,
      List<Tensor> beside,
      double scale,
      DoubleConsumer judge,
      GradientSink sink) {
    Tensor images = scope.own(Tower.IMAGE.embed(clip, rows, atOnce));
    Tensor texts = scope.own(Tower.TEXT.embed(clip, rows, atOnce));
    RankedLoss.Found found =
        shared.of(scope, clip.logits(), images, texts, beside, scale, judge, sink);
    CachedStep.differentiate(clip, atOnce, rows, Tower.IMAGE, found.images(), sink);
    CachedStep.differentiate(clip, atOnce, rows, Tower.TEXT, found.texts(), sink);
    return found.share();
  }
}
