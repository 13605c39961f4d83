package dev.eosin.clip;

import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.StepLosses;
import java.util.List;

/// A gradient cache (Gao et al. 2021, arXiv 2101.06983): the rows are embedded part by part without
/// a graph, the loss of all embeddings gives each embedding's gradient, and each part goes through
/// the towers again to carry its share on to the weights. Exact for every number of negatives;
/// memory follows `atOnce`.
///
/// @param atOnce rows that go through a tower together
record CachedStep(Clip clip, PairLoss loss, int atOnce) implements ClipStep {
  @Override
  public void run(StepRows rows, double scale, StepLosses losses, GradientSink sink) {
    try (Scope scope = new Scope()) {
      Tensor images = scope.own(Tower.IMAGE.embed(clip, rows, atOnce));
      Tensor texts = scope.own(Tower.TEXT.embed(clip, rows, atOnce));
      Tensor imageGradients;
      Tensor textGradients;
      try (Tape tape = new Tape(clip.engine())) {
        Value image = tape.leaf(images);
        Value text = tape.leaf(texts);
        List<Value> beside = loss.beside(clip.engine(), tape, rows, atOnce);
        Value value = loss.of(tape, clip.logits(), image, text, beside);
        losses.add(value.data());
        losses.known();
        tape.backward(value, scale, sink);
        imageGradients = scope.own(tape.takeGradient(image));
        textGradients = scope.own(tape.takeGradient(text));
      }
      differentiate(rows, Tower.IMAGE, imageGradients, sink);
      differentiate(rows, Tower.TEXT, textGradients, sink);
    }
  }

  private void differentiate(StepRows rows, Tower tower, Tensor gradients, GradientSink sink) {
    differentiate(clip, atOnce, rows, tower, gradients, sink);
  }

  /// Carries the gradients of embeddings on to a tower's weights, part by part.
  ///
  /// @param gradients of the rows' embeddings [b,e]
  static void differentiate(
      Clip clip, int atOnce, StepRows rows, Tower tower, Tensor gradients, GradientSink sink) {
    if (!tower.isTrained(clip)) {
      return;
    }
    for (int from = 0; from < rows.size(); from += atOnce) {
      int to = Math.min(rows.size(), from + atOnce);
      try (Tape tape = new Tape(clip.engine())) {
        Value part = tower.features(tape, clip, rows, from, to);
        Tensor gradient = clip.engine().kernels().one("row_range", gradients, from, to);
        tape.backward(List.of(part), List.of(gradient), sink);
      }
    }
  }
}
