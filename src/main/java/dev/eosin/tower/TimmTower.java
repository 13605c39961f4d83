package dev.eosin.tower;

import dev.eosin.model.PartGroups;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Dropout;
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
import java.util.OptionalDouble;

/// A [TimmImage] as computation. Class token, registers and positions keep timm's three dimensions,
/// so that they decay in training as they do there.
///
/// Source: timm 1.0.29 `vision_transformer.py`, open_clip 3.3.0 `timm_model.py`.
record TimmTower(TimmImage spec, int embedSize, Transformer transformer) implements ImageTower {
  private static final Kernel EMBED = new Kernel("embed_timm");
  private static final Kernel HEAD = new Kernel("head_timm");
  private static final Kernel PROJECTION = new Kernel("projection_timm");
  private static final double DEVIATION = 0.02;
  private static final double TOKEN_DEVIATION = 1e-6;

  static TimmTower of(String prefix, TimmImage image, int embedSize) {
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
        embedSize,
        new Transformer(
            prefix,
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
        Weight.normal(name("patch-embedding.weight"), Math.pow(3.0 * k * k, -0.5), c, 3, k, k));
    weights.add(Weight.zeros(name("patch-embedding.bias"), c));
    weights.add(Weight.normal(name("class-token"), TOKEN_DEVIATION, 1, 1, c));
    weights.add(Weight.normal(name("position-embedding"), DEVIATION, 1, trunk.positions(), c));
    if (trunk.registers() > 0) {
      weights.add(Weight.normal(name("register-tokens"), TOKEN_DEVIATION, 1, trunk.registers(), c));
    }
    weights.addAll(transformer.weights());
    weights.add(Weight.ones(name("final-norm.weight"), c));
    weights.add(Weight.zeros(name("final-norm.bias"), c));
    int[] sizes = spec.projectionSizes(embedSize);
    for (int i = 0; i + 1 < sizes.length; i++) {
      weights.add(Projections.matrix(prefix(), i, sizes));
      if (i + 2 < sizes.length || spec.projectionBias()) {
        weights.add(Weight.zeros(name("projection.%d.bias".formatted(i)), sizes[i + 1]));
      }
    }
    return weights;
  }

  private String name(String rest) {
    return prefix() + "." + rest;
  }

  @Override
  public List<List<String>> lockGroups() {
    int layers = transformer.layers();
    return PartGroups.of(prefix(), weights(), layers, layers + 1, PartGroups.NEVER_LOCKED);
  }

  @Override
  public Value tokens(Pass pass, Tensor pixels) {
    List<Parameter> p =
        new ArrayList<>(
            pass.named(
                name("patch-embedding.weight"),
                name("patch-embedding.bias"),
                name("class-token"),
                name("position-embedding")));
    if (spec.trunk().registers() > 0) {
      p.add(pass.parameters().get(name("register-tokens")));
    }
    return pass.one(EMBED, List.of(pass.graph().constant(pixels)), p);
  }

  @Override
  public List<Parameter> head(ParameterSet parameters) {
    List<Parameter> head =
        new ArrayList<>(parameters.named(name("final-norm.weight"), name("final-norm.bias")));
    head.addAll(Projections.of(parameters, prefix()));
    return head;
  }

  @Override
  public Value projections(Pass pass, Tensor pixels) {
    return pooled(pass, pixels, PROJECTION);
  }

  @Override
  public Value features(Pass pass, Tensor pixels, Optional<Tensor> kept) {
    if (kept.isPresent()) {
      throw new IllegalArgumentException("a timm tower takes all tokens");
    }
    return pooled(pass, pixels, HEAD);
  }

  private Value pooled(Pass pass, Tensor pixels, Kernel above) {
    Value x = lastBlock(pass, pixels);
    boolean first = spec.pool() == TimmImage.Pool.CLASS_TOKEN;
    Value features =
        pass.one(
            above,
            List.of(x),
            head(pass.parameters()),
            first ? 0 : 1 + spec.trunk().registers(),
            spec.pool() == TimmImage.Pool.MEAN,
            TimmImage.NORM_EPSILON);
    pass.release(x);
    return features;
  }

  private Value lastBlock(Pass pass, Tensor pixels) {
    Value tokens = tokens(pass, pixels);
    return switch (spec.pool()) {
      case CLASS_TOKEN -> {
        Value first = pass.graph().adopt(pass.engine().zeros(DType.INT64, pixels.size(0)));
        Value x = transformer.pooled(pass, tokens, Optional.of(first));
        pass.release(first);
        yield x;
      }
      case MEAN, MEAN_THEN_NORM -> transformer.last(pass, tokens);
    };
  }
}
