package dev.eosin.clip;

import dev.eosin.data.batches.RowMarks;
import dev.eosin.group.Group;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Kernels;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.StepLosses;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A loss over ranks, of which each computes the share of its own rows: its images against all
/// texts and its texts against all images. A contrastive loss normalises both directions, and each
/// rank knows one of them of its own rows: the ranks exchange the log sums of these. So a rank
/// computes and holds logits [n,b] in blocks, and gradients of its own embeddings alone. n own rows
/// of b, e embedding size.
///
/// Classes of rows are those of the whole batch, found by the marks of all ranks; of a teacher the
/// ranks exchange what they do of the model, its features and its log sums.
record RankedLoss(PairLoss loss, Group group) {
  /// What the loss says of own rows.
  ///
  /// @param images gradients of their embeddings [n,e]; closed with the scope
  /// @param texts the same
  record Found(Tensor images, Tensor texts) {}

  /// What the loss needs of own rows besides their features, and of those of all ranks; nothing for
  /// most losses. Speaks to all ranks.
  ///
  /// @param atOnce rows that go through a tower of the teacher together
  /// @return see `classes_of_ranks` among the kernels; closed with the scope
  List<Tensor> beside(Scope scope, Engine engine, StepRows rows, int atOnce) {
    Optional<RowMarks> own = rows.marks(loss.settings().positives());
    List<Tensor> beside = new ArrayList<>();
    if (own.isPresent() || loss.teacher().isPresent()) {
      beside.add(
          scope.own(
              own.map(marks -> marks.ofAll(group.exchange(marks.digests())))
                  .map(all -> PairLoss.classes(engine, all))
                  .orElseGet(() -> engine.zeros(DType.INT64, 0))));
    }
    loss.teacher().ifPresent(teacher -> beside.addAll(taught(scope, teacher, rows, atOnce)));
    return beside;
  }

  private List<Tensor> taught(Scope scope, Clip teacher, StepRows rows, int atOnce) {
    Tensor images = scope.own(Tower.IMAGE.embed(teacher, rows.whole(), atOnce));
    Tensor texts = scope.own(Tower.TEXT.embed(teacher, rows, atOnce));
    List<Tensor> taught = new ArrayList<>(withAll(scope, images, texts));
    Tensor scale = teacher.logits().getFirst().data();
    Tensor sums = sums(scope, taught, scale);
    taught.add(scale);
    taught.add(sums);
    return taught;
  }

  private List<Tensor> withAll(Scope scope, Tensor images, Tensor texts) {
    return List.of(images, texts, scope.own(group.gather(images)), scope.own(group.gather(texts)));
  }

  /// Log sums of the rows of all ranks, by image and by text [b,2].
  private Tensor sums(Scope scope, List<Tensor> x, Tensor logScale) {
    Kernels kernels = logScale.engine().kernels();
    try (Tensor own = kernels.one("log_sums_of_rank", x, logScale, rowsOfBlock(x))) {
      return scope.own(group.gather(own));
    }
  }

  private static long rowsOfBlock(List<Tensor> x) {
    return Math.min(x.getFirst().size(0), PairLoss.rowsOfBlock(x.get(2).size(0)));
  }

  /// Speaks to all ranks first, so that nothing does while gradients leave; then delivers this
  /// rank's part of the logit parameters' gradients.
  ///
  /// @param images embeddings of own rows [n,e] fp32
  /// @param texts the same
  /// @param beside see [#beside]
  /// @param factor of all gradients
  /// @param losses get the share of the loss before any gradient is delivered; the shares of all
  ///   ranks add up to it
  Found of(
      Scope scope,
      List<Parameter> logits,
      Tensor images,
      Tensor texts,
      List<Tensor> beside,
      double factor,
      StepLosses losses,
      GradientSink sink) {
    Kernels kernels = images.engine().kernels();
    List<Tensor> x = new ArrayList<>(withAll(scope, images, texts));
    x.addAll(beside);
    long first = group.before(images.size(0));
    long rows = rowsOfBlock(x);
    List<Tensor> p = logits.stream().map(Parameter::data).toList();
    List<Tensor> found =
        switch (loss.settings()) {
          case LossSettings.Contrastive contrastive -> {
            Tensor sums = sums(scope, x, p.getFirst());
            double smoothing = contrastive.labelSmoothing();
            double taught =
                contrastive.distillation().map(DistillationSettings::weight).orElse(0.0);
            yield kernels.list(
                "contrastive_of_rank", x, p, sums, smoothing, taught, factor, first, rows);
          }
          case LossSettings.SigLip _ -> kernels.list("siglip_of_rank", x, p, factor, first, rows);
        };
    scope.own(found.subList(0, 3));
    List<Tensor> gradients = found.subList(3, found.size());
    losses.add(found.getFirst());
    try {
      losses.known();
    } catch (RuntimeException refused) {
      gradients.forEach(Tensor::close);
      throw refused;
    }
    deliver(logits, gradients, sink);
    return new Found(found.get(1), found.get(2));
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
