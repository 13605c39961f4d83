package dev.eosin.tower;

import dev.eosin.model.PartGroups;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
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
record VitTower(Vit spec, int embedSize, Transformer transformer) implements ImageTower {
  private static final Kernel EMBED = new Kernel("embed_image");
  private static final Kernel TOKENS_AT = new Kernel("tokens_at");
  private static final Kernel HEAD = new Kernel("head");
  private static final Kernel PROJECTION = new Kernel("projection");

  static VitTower of(String prefix, Vit vit, int embedSize, Activation activation) {
    return new VitTower(
        vit,
        embedSize,
        new Transformer(
            prefix,
            vit.layers(),
            vit.hiddenSize(),
            vit.heads(),
            vit.mlpSize(),
            false,
            activation,
            BlockStyle.CLIP));
  }

  @Override
  public List<Weight> weights() {
    var weights = new ArrayList<Weight>();
    long c = spec.hiddenSize();
    long k = spec.patch();
    double scale = Math.pow(c, -0.5);
    weights.add(
        Weight.normal(name("patch-embedding.weight"), Math.pow(3.0 * k * k, -0.5), c, 3, k, k));
    weights.add(Weight.normal(name("class-token"), scale, c));
    weights.add(Weight.normal(name("position-embedding"), scale, spec.tokens(), c));
    weights.add(Weight.ones(name("pre-norm.weight"), c));
    weights.add(Weight.zeros(name("pre-norm.bias"), c));
    weights.addAll(transformer.weights());
    weights.add(Weight.ones(name("post-norm.weight"), c));
    weights.add(Weight.zeros(name("post-norm.bias"), c));
    weights.add(Weight.normal(name("projection"), scale, c, embedSize));
    return weights;
  }

  private String name(String rest) {
    return prefix() + "." + rest;
  }

  @Override
  public List<List<String>> lockGroups() {
    int layers = transformer.layers();
    return PartGroups.of(prefix(), weights(), layers, layers, layers + 1);
  }

  @Override
  public Value tokens(Pass pass, Tensor pixels) {
    return pass.one(
        EMBED,
        List.of(pass.graph().constant(pixels)),
        pass.named(
            name("patch-embedding.weight"),
            name("class-token"),
            name("position-embedding"),
            name("pre-norm.weight"),
            name("pre-norm.bias")));
  }

  @Override
  public List<Parameter> head(ParameterSet parameters) {
    return parameters.named(name("post-norm.weight"), name("post-norm.bias"), name("projection"));
  }

  @Override
  public Value projections(Pass pass, Tensor pixels) {
    return pooled(pass, pixels, Optional.empty(), PROJECTION);
  }

  @Override
  public Value features(Pass pass, Tensor pixels, Optional<Tensor> kept) {
    return pooled(pass, pixels, kept, HEAD);
  }

  private Value pooled(Pass pass, Tensor pixels, Optional<Tensor> kept, Kernel above) {
    Value first = pass.graph().adopt(pass.engine().zeros(DType.INT64, pixels.size(0)));
    Value tokens = tokens(pass, pixels);
    Value x = transformer.pooled(pass, only(pass, tokens, kept), Optional.of(first));
    Value features = pass.one(above, List.of(x, first), head(pass.parameters()));
    pass.release(x);
    pass.release(first);
    return features;
  }

  /// After the norm, which looks at each token alone: leaving tokens out before it is the same.
  private static Value only(Pass pass, Value tokens, Optional<Tensor> kept) {
    if (kept.isEmpty()) {
      return tokens;
    }
    Value some = pass.one(TOKENS_AT, List.of(tokens, pass.graph().constant(kept.get())), List.of());
    pass.release(tokens);
    return some;
  }
}
