package dev.eosin.qformer;

import dev.eosin.language.TokenMask;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One way through all layers of a Q-Former: who is there, and who sees whom.
///
/// @param queries of each row, before its words
/// @param image keys and values of each layer that looks at it; none for words alone
/// @param imageSeen boolean, which of the image's tokens; nothing where all are
/// @param seen boolean, which keys; nothing where all are
/// @param seeds of dropout
/// @param before whose keys and values the tokens see besides their own
/// @param none stands for what is not there
record QFormerPass(
    QFormer model,
    Pass pass,
    int queries,
    List<Value> image,
    Optional<Value> imageSeen,
    Optional<Value> seen,
    Optional<Value> seeds,
    Optional<QueryStates> before,
    Value none) {
  private static final Kernel ENTERING = new Kernel("qformer_entering");
  private static final Kernel LAYER = new Kernel("qformer_layer");
  private static final Kernel REMEMBERED = new Kernel("qformer_layer", 3, Kernel.Gradient.AUTOGRAD);
  private static final Kernel LAYER_LEAN = new Kernel("qformer_lean", 1, Kernel.Gradient.OWN);
  private static final Kernel REMEMBERED_LEAN = new Kernel("qformer_lean", 3, Kernel.Gradient.OWN);

  static QFormerPass of(QFormer model, Pass pass, int queries, Optional<Tensor> seeds) {
    return new QFormerPass(
        model,
        pass,
        queries,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        seeds.map(pass.graph()::constant),
        Optional.empty(),
        pass.graph().adopt(pass.engine().zeros(DType.INT64, 0)));
  }

  QFormerPass looking(List<Value> keysAndValues) {
    return new QFormerPass(
        model, pass, queries, List.copyOf(keysAndValues), imageSeen, seen, seeds, before, none);
  }

  /// @param mask which of the image's tokens are there
  QFormerPass looking(List<Value> keysAndValues, TokenMask mask) {
    return new QFormerPass(
        model,
        pass,
        queries,
        List.copyOf(keysAndValues),
        Optional.of(seen(mask, 0, false)),
        seen,
        seeds,
        before,
        none);
  }

  private Value seen(TokenMask mask, int others, boolean causal) {
    try (Tensor present = pass.engine().of(mask.present(), mask.rows(), mask.width())) {
      Tensor keys = pass.engine().kernels().one("qformer_seen", present, others, causal);
      return pass.graph().adopt(keys);
    }
  }

  /// @param others columns before those of the mask, all of them seen
  /// @param causal whether nothing sees what follows it
  QFormerPass seeing(TokenMask mask, int others, boolean causal) {
    Optional<Value> keys = Optional.of(seen(mask, others, causal));
    return new QFormerPass(model, pass, queries, image, imageSeen, keys, seeds, before, none);
  }

  QFormerPass behind(QueryStates states) {
    return new QFormerPass(
        model, pass, queries, image, imageSeen, seen, seeds, Optional.of(states), none);
  }

  /// What the first layer takes.
  ///
  /// @param tokens [b,n,c]; released
  Value entered(Value tokens) {
    List<Value> inputs = new ArrayList<>(List.of(tokens));
    seeds.ifPresent(inputs::add);
    Value entered =
        pass.one(
            ENTERING,
            inputs,
            pass.named(model.norm()),
            model.spec().dropout().hidden(),
            model.spec().normEpsilon());
    pass.release(tokens);
    return entered;
  }

  /// Every layer's states [b,n,c], the last one's included.
  List<Value> states(Value entered) {
    List<Value> states = new ArrayList<>();
    Value x = entered;
    for (int i = 0; i < model.spec().layers(); i++) {
      x = apply(x, i, false).getFirst();
      states.add(x);
    }
    return states;
  }

  /// The last layer's states [b,n,c].
  ///
  /// @param entered released
  Value last(Value entered) {
    Value x = entered;
    for (int i = 0; i < model.spec().layers(); i++) {
      Value next = apply(x, i, false).getFirst();
      pass.release(x);
      x = next;
    }
    return x;
  }

  /// The last layer's states, with every layer's keys and values.
  ///
  /// @param entered released
  QueryStates remembered(Value entered) {
    List<Value> keys = new ArrayList<>();
    List<Value> values = new ArrayList<>();
    Value x = entered;
    for (int i = 0; i < model.spec().layers(); i++) {
      List<Value> next = apply(x, i, true);
      pass.release(x);
      x = next.getFirst();
      keys.add(next.get(1));
      values.add(next.get(2));
    }
    return new QueryStates(x, keys, values);
  }

  /// @param remembered whether keys and values are wanted, too
  private List<Value> apply(Value x, int layer, boolean remembered) {
    QFormerSpec spec = model.spec();
    boolean crosses = queries > 0 && spec.crosses(layer);
    List<Value> inputs = new ArrayList<>(List.of(x, seen.orElse(none), seeds.orElse(none)));
    inputs.add(crosses ? image.get(layer / spec.crossEvery()) : none);
    inputs.add(crosses ? imageSeen.orElse(none) : none);
    before.ifPresent(
        states -> inputs.addAll(List.of(states.keys().get(layer), states.values().get(layer))));
    boolean words = x.data().size(1) > queries;
    List<Parameter> weights = pass.named(model.layer(layer).names(queries > 0, words));
    boolean lean = pass.ownsBackward(inputs, weights);
    Kernel kernel = remembered ? lean ? REMEMBERED_LEAN : REMEMBERED : lean ? LAYER_LEAN : LAYER;
    return pass.graph()
        .apply(
            pass.execution().recomputes(layer) ? kernel.recomputing() : kernel,
            inputs,
            weights,
            spec.heads(),
            queries,
            crosses,
            1 + QFormerLayer.SEEDS * layer,
            spec.dropout().hidden(),
            spec.dropout().attention(),
            spec.normEpsilon());
  }

  /// What no further layer needs.
  void release() {
    seen.ifPresent(pass::release);
    imageSeen.ifPresent(pass::release);
    pass.release(none);
  }
}
