package dev.eosin.qformer;

import dev.eosin.nn.Weight;
import java.util.ArrayList;
import java.util.List;

/// The weights of one layer of a Q-Former.
///
/// @param index counted from 0
record QFormerLayer(QFormer model, int index) {
  /// Of one row's dropout: shares and sum of attention, the same for the image, the sums of both
  /// MLPs.
  static final int SEEDS = 6;

  String name(String rest) {
    return "%s.blocks.%d.%s".formatted(model.prefix(), index, rest);
  }

  List<Weight> weights() {
    QFormerSpec spec = model.spec();
    List<Weight> weights = new ArrayList<>();
    long c = spec.width();
    linear(weights, "attention.query-key-value", 3 * c, c);
    linear(weights, "attention.output", c, c);
    norm(weights, "attention-norm");
    if (spec.crosses(index)) {
      linear(weights, "cross-attention.key-value", 2 * c, spec.imageWidth());
      linear(weights, "cross-attention.query", c, c);
      linear(weights, "cross-attention.output", c, c);
      norm(weights, "cross-attention-norm");
    }
    mlp(weights, "query-mlp");
    if (spec.words().isPresent()) {
      mlp(weights, "mlp");
    }
    return weights;
  }

  private void mlp(List<Weight> weights, String part) {
    QFormerSpec spec = model.spec();
    linear(weights, part + ".up", spec.mlpWidth(), spec.width());
    linear(weights, part + ".down", spec.width(), spec.mlpWidth());
    norm(weights, part + "-norm");
  }

  private void linear(List<Weight> weights, String part, long rows, long columns) {
    weights.add(Weight.normal(name(part + ".weight"), QFormer.DEVIATION, rows, columns));
    weights.add(Weight.zeros(name(part + ".bias"), rows));
  }

  private void norm(List<Weight> weights, String part) {
    weights.add(Weight.ones(name(part + ".weight"), model.spec().width()));
    weights.add(Weight.zeros(name(part + ".bias"), model.spec().width()));
  }

  /// Keys and values of the image.
  String[] imageNames() {
    return both("cross-attention.key-value").toArray(String[]::new);
  }

  /// In the order in which the kernel takes them.
  ///
  /// @param queries whether there are queries
  /// @param words whether there are words
  String[] names(boolean queries, boolean words) {
    List<String> names = new ArrayList<>();
    names.addAll(both("attention.query-key-value"));
    names.addAll(both("attention.output"));
    names.addAll(both("attention-norm"));
    if (queries) {
      if (model.spec().crosses(index)) {
        names.addAll(both("cross-attention.query"));
        names.addAll(both("cross-attention.output"));
        names.addAll(both("cross-attention-norm"));
      }
      names.addAll(mlpNames("query-mlp"));
    }
    if (words) {
      names.addAll(mlpNames("mlp"));
    }
    return names.toArray(String[]::new);
  }

  private List<String> mlpNames(String part) {
    List<String> names = new ArrayList<>(both(part + ".up"));
    names.addAll(both(part + ".down"));
    names.addAll(both(part + "-norm"));
    return names;
  }

  private List<String> both(String part) {
    return List.of(name(part + ".weight"), name(part + ".bias"));
  }
}
