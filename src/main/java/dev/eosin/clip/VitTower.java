package dev.eosin.clip;

import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// CLIP's vision transformer: a class token, a norm before the first block, the class token pooled.
///
/// Source: open_clip `transformer.py` (VisionTransformer).
record VitTower(ClipSpec.Vit spec, int embedSize, Transformer blocks) implements ImageTower {
  private static final Kernel EMBED = new Kernel("embed_image");
  private static final Kernel TOKENS_AT = new Kernel("tokens_at");
  private static final Kernel HEAD = new Kernel("head");

  static VitTower of(ClipSpec.Vit vit, ClipSpec spec) {
    return new VitTower(
        vit,
        spec.embedSize(),
        new Transformer(
            "image",
            vit.layers(),
            vit.hiddenSize(),
            vit.heads(),
            vit.mlpSize(),
            false,
            spec.activation(),
            BlockStyle.CLIP));
  }

  @Override
  public List<Weight> weights() {
    var weights = new ArrayList<Weight>();
    long c = spec.hiddenSize();
    long k = spec.patch();
    double scale = Math.pow(c, -0.5);
    weights.add(
        Weight.normal("image.patch-embedding.weight", Math.pow(3.0 * k * k, -0.5), c, 3, k, k));
    weights.add(Weight.normal("image.class-token", scale, c));
    weights.add(Weight.normal("image.position-embedding", scale, spec.tokens(), c));
    weights.add(Weight.ones("image.pre-norm.weight", c));
    weights.add(Weight.zeros("image.pre-norm.bias", c));
    weights.addAll(blocks.weights());
    weights.add(Weight.ones("image.post-norm.weight", c));
    weights.add(Weight.zeros("image.post-norm.bias", c));
    weights.add(Weight.normal("image.projection", scale, c, embedSize));
    return weights;
  }

  @Override
  public Value tokens(Graph graph, ParameterSet parameters, Tensor pixels) {
    return graph.one(
        EMBED,
        List.of(graph.constant(pixels)),
        parameters.named(
            "image.patch-embedding.weight",
            "image.class-token",
            "image.position-embedding",
            "image.pre-norm.weight",
            "image.pre-norm.bias"));
  }

  @Override
  public List<Value> hiddenStates(
      Graph graph, ParameterSet parameters, Value tokens, BlockExecution execution) {
    return blocks.hiddenStates(graph, parameters, tokens, execution);
  }

  @Override
  public List<Parameter> head(ParameterSet parameters) {
    return parameters.named("image.post-norm.weight", "image.post-norm.bias", "image.projection");
  }

  @Override
  public Value features(
      Graph graph,
      ParameterSet parameters,
      Tensor pixels,
      Optional<Tensor> kept,
      BlockExecution execution) {
    Value first = graph.adopt(parameters.engine().zeros(DType.INT64, pixels.size(0)));
    Value tokens = tokens(graph, parameters, pixels);
    Value x = blocks.pooled(graph, parameters, only(graph, tokens, kept), first, execution);
    Value features = graph.one(HEAD, List.of(x, first), head(parameters));
    graph.release(x);
    graph.release(first);
    return features;
  }

  /// After the norm, which looks at each token alone: leaving tokens out before it is the same.
  private static Value only(Graph graph, Value tokens, Optional<Tensor> kept) {
    if (kept.isEmpty()) {
      return tokens;
    }
    Value some = graph.one(TOKENS_AT, List.of(tokens, graph.constant(kept.get())), List.of());
    graph.release(tokens);
    return some;
  }
}
