package dev.eosin.clip;

import dev.eosin.group.Group;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Kernels;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;

/// A loss over ranks, of which each computes the share of its own rows: its images against all
/// texts and its texts against all images. A contrastive loss normalises both directions, and each
/// rank knows one of them of its own rows: the ranks exchange the log sums of these. So a rank
/// computes and holds logits [n,b] in blocks, and gradients of its own embeddings alone. n own rows
/// of b, e embedding size.
record RankedLoss(LossSettings settings, Group group) {
  /// What the loss says of own rows.
  ///
  /// @param share of the loss; the shares of all ranks add up to it
  /// @param images gradients of their embeddings [n,e]; closed with the scope
  /// @param texts the same
  record Found(double share, Tensor images, Tensor texts) {}

  /// Speaks to all ranks first, so that nothing does while gradients leave; then delivers this
  // rank's part of the logit parameters' gradients.
  /// @param images embeddings of own rows [n,e] fp32
  /// @param texts the same
  /// @param factor of all gradients
  /// @param judge told the share before any gradient is delivered; may throw
  Found of(
      Scope scope,
      List<Parameter> logits,
      Tensor images,
      Tensor texts,
      double factor,
      DoubleConsumer judge,
      GradientSink sink) {
    Kernels kernels = images.engine().kernels();
    List<Tensor> x =
        List.of(images, texts, scope.own(group.gather(images)), scope.own(group.gather(texts)));
    long own = images.size(0);
    long rows = Math.min(own, PairLoss.rowsOfBlock(x.getLast().size(0)));
    List<Tensor> p = logits.stream().map(Parameter::data).toList();
    List<Tensor> found =
        switch (settings) {
          case LossSettings.Contrastive contrastive -> {
            long first = group.before(own);
            Tensor sums = scope.own(kernels.one("log_sums_of_rank", x, p.getFirst(), rows));
            Tensor all = scope.own(group.gather(sums));
            double smoothing = contrastive.labelSmoothing();
            yield kernels.list("contrastive_of_rank", x, p, all, smoothing, factor, first, rows);
          }
          case LossSettings.SigLip _ -> kernels.list("siglip_of_rank", x, p, factor, rows);
        };
    scope.own(found.subList(0, 3));
    List<Tensor> gradients = found.subList(3, found.size());
    double share = found.getFirst().toFloat();
    try {
      judge.accept(share);
    } catch (RuntimeException refused) {
      gradients.forEach(Tensor::close);
      throw refused;
    }
    deliver(logits, gradients, sink);
    return new Found(share, found.get(1), found.get(2));
  }

  private static void deliver(List<Parameter> logits, List<Tensor> gradients, GradientSink sink) {
    List<Parameter> ready = new ArrayList<>();
    List<Tensor> delivered = new ArrayList<>();
    for (int i = 0; i < gradients.size(); i++) {
      if (logits.get(i).trainable()) {
        ready.add(logits.get(i));
        delivered.add(gradients.get(i));
      } else {
        gradients.get(i).close();
      }
    }
    sink.accept(ready, delivered);
  }
}
