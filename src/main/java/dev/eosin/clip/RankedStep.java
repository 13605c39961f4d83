package dev.eosin.clip;

import dev.eosin.group.Group;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;

/// A gradient cache over ranks: each embeds its own rows, all see the embeddings of all rows, so
/// that there are as many negatives as in one process, and each carries the gradients of its own
/// embeddings on to the weights.
///
/// The loss is the same on all ranks; each returns its rows' share of it. The gradient of the logit
/// scale, too, is the same on all, so that only the first one delivers it.
///
/// @param atOnce rows that go through a tower together
record RankedStep(Clip clip, PairLoss loss, int atOnce, Group group) implements ClipStep {
  RankedStep {
    boolean own = loss.settings().positives() == LossSettings.Positives.OWN_CAPTION;
    if (!own || loss.teacher().isPresent()) {
      throw new IllegalArgumentException(
          "over several ranks a loss has one positive each and no teacher");
    }
  }

  @Override
  public double run(StepRows rows, double scale, DoubleConsumer judge, GradientSink sink) {
    try (Scope scope = new Scope()) {
      Tensor images = scope.own(Tower.IMAGE.embed(clip, rows, atOnce));
      Tensor texts = scope.own(Tower.TEXT.embed(clip, rows, atOnce));
      int first = firstRow(rows.size());
      int end = first + rows.size();
      double share;
      Tensor imageGradients;
      Tensor textGradients;
      try (Tape tape = new Tape(clip.engine())) {
        Value image = tape.leaf(scope.own(group.gather(images)));
        Value text = tape.leaf(scope.own(group.gather(texts)));
        Value value = loss.of(tape, clip.logits(), image, text, List.of());
        share = value.data().toFloat() * rows.size() / image.data().size(0);
        judge.accept(share);
        tape.backward(value, scale, group.isFirst() ? sink : RankedStep::drop);
        imageGradients = own(tape, image, first, end);
        textGradients = own(tape, text, first, end);
      }
      scope.own(imageGradients);
      scope.own(textGradients);
      CachedStep.differentiate(clip, atOnce, rows, Tower.IMAGE, imageGradients, sink);
      CachedStep.differentiate(clip, atOnce, rows, Tower.TEXT, textGradients, sink);
      return share;
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

  /// Where this rank's rows stand among all.
  private int firstRow(int own) {
    try (Tensor count = clip.engine().of(new long[] {own}, 1);
        Tensor counts = group.gather(count)) {
      return Math.toIntExact(Arrays.stream(counts.toLongs()).limit(group.rank()).sum());
    }
  }
}
