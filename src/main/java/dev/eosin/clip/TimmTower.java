package dev.eosin.clip;

import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Dropout;
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
import java.util.OptionalDouble;

/// A [TimmImage] as computation. Class token, registers and positions keep timm's three dimensions,
/// so that they decay in training as they do there.
///
/// Source: timm 1.0.29 `vision_transformer.py`, open_clip 3.3.0 `timm_model.py`.
record TimmTower(TimmImage spec, int embedSize, Transformer blocks) implements ImageTower {
  private static final Kernel EMBED = new Kernel("embed_timm");
  private static final Kernel HEAD = new Kernel("head_timm");
  private static final double DEVIATION = 0.02;
  private static final double TOKEN_DEVIATION = 1e-6;

  static TimmTower of(TimmImage image, ClipSpec spec) {
    TimmImage.Trunk trunk = image.trunk();
    BlockStyle style =
        new BlockStyle(
            BlockStyle.Norms.BEFORE,
            TimmImage.NORM_EPSILON,
            trunk.gated(),
            trunk.layerScale(),
            OptionalDouble.of(DEVIATION),
            Dropout.NONE);
    return new TimmTower(
        image,
        spec.embedSize(),
        new Transformer(
            "image",
            trunk.layers(),
            trunk.hiddenSize(),
            trunk.heads(),
            trunk.mlpSize(),
            false,
            Activation.GELU,
            style));
  }

  @Override
  public List<Weight> weights() {
    var weights = new ArrayList<Weight>();
    TimmImage.Trunk trunk = spec.trunk();
    long c = trunk.hiddenSize();
    long k = trunk.patch();
    weights.add(
        Weight.normal("image.patch-embedding.weight", Math.pow(3.0 * k * k, -0.5), c, 3, k, k));
    weights.add(Weight.zeros("image.patch-embedding.bias", c));
    weights.add(Weight.normal("image.class-token", TOKEN_DEVIATION, 1, 1, c));
    weights.add(Weight.normal("image.position-embedding", DEVIATION, 1, trunk.positions(), c));
    if (trunk.registers() > 0) {
      weights.add(Weight.normal("image.register-tokens", TOKEN_DEVIATION, 1, trunk.registers(), c));
    }
    weights.addAll(blocks.weights());
    weights.add(Weight.ones("image.final-norm.weight", c));
    weights.add(Weight.zeros("image.final-norm.bias", c));
    int[] sizes = spec.projectionSizes(embedSize);
    for (int i = 0; i + 1 < sizes.length; i++) {
      weights.add(Projections.matrix("image", i, sizes));
      if (i + 2 < sizes.length || spec.projectionBias()) {
        weights.add(Weight.zeros("image.projection.%d.bias".formatted(i), sizes[i + 1]));
      }
    }
    return weights;
  }

  @Override
  public Value tokens(Graph graph, ParameterSet parameters, Tensor pixels) {
    List<Parameter> p =
        new ArrayList<>(
            parameters.named(
                "image.patch-embedding.weight",
                "image.patch-embedding.bias",
                "image.class-token",
                "image.position-embedding"));
    if (spec.trunk().registers() > 0) {
      p.add(parameters.get("image.register-tokens"));
    }
    return graph.one(EMBED, List.of(graph.constant(pixels)), p);
  }

  @Override
  public List<Value> hiddenStates(
      Graph graph, ParameterSet parameters, Value tokens, BlockExecution execution) {
    return blocks.hiddenStates(graph, parameters, tokens, execution);
  }

  @Override
  public List<Parameter> head(ParameterSet parameters) {
    List<Parameter> head =
        new ArrayList<>(parameters.named("image.final-norm.weight", "image.final-norm.bias"));
    head.addAll(Projections.of(parameters, "image"));
    return head;
  }

  @Override
  public Value features(
      Graph graph,
      ParameterSet parameters,
      Tensor pixels,
      Optional<Tensor> kept,
      BlockExecution execution) {
    if (kept.isPresent()) {
      throw new IllegalArgumentException("a timm tower takes all tokens");
    }
    Value x = lastBlock(graph, parameters, pixels, execution);
    boolean first = spec.pool() == TimmImage.Pool.CLASS_TOKEN;
    Value features =
        graph.one(
            HEAD,
            List.of(x),
            head(parameters),
            first ? 0 : 1 + spec.trunk().registers(),
            spec.pool() == TimmImage.Pool.MEAN,
            TimmImage.NORM_EPSILON);
    graph.release(x);
    return features;
  }

  private Value lastBlock(
      Graph graph, ParameterSet parameters, Tensor pixels, BlockExecution execution) {
    Value tokens = tokens(graph, parameters, pixels);
    return switch (spec.pool()) {
      case CLASS_TOKEN -> {
        Value first = graph.adopt(parameters.engine().zeros(DType.INT64, pixels.size(0)));
        Value x = blocks.pooled(graph, parameters, tokens, first, execution);
        graph.release(first);
        yield x;
      }
      case MEAN, MEAN_THEN_NORM -> blocks.last(graph, parameters, tokens, execution);
    };
  }
}
