package dev.eosin.clip;

import dev.eosin.config.MachineException;
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
/// The loss is the same on all ranks; each returns its rows' share of it. The gradient of the logit
/// scale, too, is the same on all, so that only the first one delivers it.
///
/// @param atOnce rows that go through a tower together
record RankedStep(Clip clip, PairLoss loss, int atOnce, Group group) implements ClipStep {
  RankedStep {
    boolean own = loss.settings().positives() == LossSettings.Positives.OWN_CAPTION;
    if (!own || loss.teacher().isPresent()) {
      throw new MachineException(
          "over several ranks a loss has one positive for each row and no teacher: train this recipe in one process, or change loss.positives and loss.distillation");
    }
  }

  /// What the loss says of own rows.
  ///
  /// @param share of the loss
  /// @param images gradients of their embeddings [b,e]; closed with the scope
  /// @param texts the same
  private record Found(double share, Tensor images, Tensor texts) {}

  @Override
  public double run(StepRows rows, double scale, DoubleConsumer judge, GradientSink sink) {
    try (Scope scope = new Scope()) {
      return atOnce >= rows.size()
          ? whole(scope, rows, scale, judge, sink)
          : inParts(scope, rows, scale, judge, sink);
    }
  }

  private double whole(
      Scope scope, StepRows rows, double scale, DoubleConsumer judge, GradientSink sink) {
    try (Tape tape = new Tape(clip.engine())) {
      Value image = Tower.IMAGE.features(tape, clip, rows, 0, rows.size());
      Value text = Tower.TEXT.features(tape, clip, rows, 0, rows.size());
      Found found = found(scope, image.data(), text.data(), scale, judge, sink);
      List<Value> values = new ArrayList<>();
      List<Tensor> gradients = new ArrayList<>();
      add(Tower.IMAGE, image, found.images, values, gradients);
      add(Tower.TEXT, text, found.texts, values, gradients);
      tape.backward(values, gradients, sink);
      return found.share;
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
      Scope scope, StepRows rows, double scale, DoubleConsumer judge, GradientSink sink) {
    Tensor images = scope.own(Tower.IMAGE.embed(clip, rows, atOnce));
    Tensor texts = scope.own(Tower.TEXT.embed(clip, rows, atOnce));
    Found found = found(scope, images, texts, scale, judge, sink);
    CachedStep.differentiate(clip, atOnce, rows, Tower.IMAGE, found.images, sink);
    CachedStep.differentiate(clip, atOnce, rows, Tower.TEXT, found.texts, sink);
    return found.share;
  }

  /// @param images embeddings of own rows [b,e]
  /// @param texts the same
  private Found found(
      Scope scope,
      Tensor images,
      Tensor texts,
      double scale,
      DoubleConsumer judge,
      GradientSink sink) {
    int rows = Math.toIntExact(images.size(0));
    int first = Math.toIntExact(group.before(rows));
    Tensor allImages = scope.own(group.gather(images));
    Tensor allTexts = scope.own(group.gather(texts));
    try (Tape tape = new Tape(clip.engine())) {
      Value image = tape.leaf(allImages);
      Value text = tape.leaf(allTexts);
      Value value = loss.of(tape, clip.logits(), image, text, List.of());
      double share = value.data().toFloat() * rows / image.data().size(0);
      judge.accept(share);
      tape.backward(value, scale, group.isFirst() ? sink : RankedStep::drop);
      return new Found(
          share,
          scope.own(own(tape, image, first, first + rows)),
          scope.own(own(tape, text, first, first + rows)));
    }
  }

  private static void drop(List<?> parameters, List<Tensor> gradients) {
    gradients.forEach(Tensor::close);
  }

  private Tensor own(Tape tape, Value features, int first, int end) {
    try (Tensor all = tape.takeGradient(features)) {
      return clip.engine().kernels().one("row_range", all, first, end);
    }
  }
}
