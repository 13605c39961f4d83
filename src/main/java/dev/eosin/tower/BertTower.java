package dev.eosin.tower;

import dev.eosin.model.PartGroups;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// A [BertText] as computation: every token sees every token that is no padding. There is dropout
/// only where seeds are given: in training steps.
///
/// Source: transformers 5.18.0 `modeling_bert.py`, open_clip 3.3.0 `hf_model.py`.
record BertTower(BertText spec, int embedSize, Transformer transformer) implements TextTower {
  private static final Kernel EMBED = new Kernel("embed_bert");
  private static final Kernel HEAD = new Kernel("head_bert");
  private static final double DEVIATION = 0.02;

  static BertTower of(String prefix, BertText text, int embedSize) {
    BertText.Encoder encoder = text.encoder();
    BlockStyle style =
        new BlockStyle(
            BlockStyle.Norms.AFTER,
            encoder.normEpsilon(),
            false,
            OptionalDouble.empty(),
            OptionalDouble.of(DEVIATION),
            encoder.dropout());
    return new BertTower(
        text,
        embedSize,
        new Transformer(
            prefix,
            encoder.layers(),
            encoder.hiddenSize(),
            encoder.heads(),
            encoder.mlpSize(),
            false,
            Activation.GELU,
            style));
  }

  @Override
  public List<Weight> weights() {
    var weights = new ArrayList<Weight>();
    BertText.Encoder encoder = spec.encoder();
    long c = encoder.hiddenSize();
    weights.add(Weight.normal(name("token-embedding"), DEVIATION, encoder.vocabulary(), c));
    weights.add(Weight.normal(name("position-embedding"), DEVIATION, encoder.positions(), c));
    weights.add(Weight.normal(name("token-type-embedding"), DEVIATION, encoder.tokenTypes(), c));
    weights.add(Weight.ones(name("embedding-norm.weight"), c));
    weights.add(Weight.zeros(name("embedding-norm.bias"), c));
    weights.addAll(transformer.weights());
    if (spec.pool() == BertText.Pool.POOLER) {
      weights.add(Weight.normal(name("pooler.weight"), DEVIATION, c, c));
      weights.add(Weight.zeros(name("pooler.bias"), c));
    }
    int[] sizes = spec.projectionSizes(embedSize);
    for (int i = 0; i + 1 < sizes.length; i++) {
      weights.add(Projections.matrix(prefix(), i, sizes));
    }
    return weights;
  }

  private String name(String rest) {
    return prefix() + "." + rest;
  }

  @Override
  public List<List<String>> lockGroups() {
    int layers = transformer.layers();
    return PartGroups.of(prefix(), weights(), layers, layers, PartGroups.NEVER_LOCKED);
  }

  @Override
  public Value tokens(Pass pass, Tensor ids) {
    return tokens(pass, List.of(pass.graph().constant(ids)));
  }

  /// @param inputs the ids, then the seeds of dropout where there is any
  private Value tokens(Pass pass, List<Value> inputs) {
    return pass.one(
        EMBED,
        inputs,
        pass.named(
            name("token-embedding"),
            name("position-embedding"),
            name("token-type-embedding"),
            name("embedding-norm.weight"),
            name("embedding-norm.bias")),
        spec.encoder().dropout().hidden(),
        spec.encoder().normEpsilon());
  }

  @Override
  public List<Value> hiddenStates(Pass pass, Value tokens, Tensor ids) {
    return transformer.hiddenStates(pass, tokens, mask(pass, ids));
  }

  @Override
  public List<Parameter> head(ParameterSet parameters) {
    List<Parameter> head = new ArrayList<>();
    if (spec.pool() == BertText.Pool.POOLER) {
      head.addAll(parameters.named(name("pooler.weight"), name("pooler.bias")));
    }
    head.addAll(Projections.of(parameters, prefix()));
    return head;
  }

  @Override
  public Value features(Pass pass, Tensor ids, Optional<Tensor> seeds) {
    Value mask = mask(pass, ids);
    List<Value> inputs = new ArrayList<>(List.of(pass.graph().constant(ids)));
    List<Value> beside = new ArrayList<>(List.of(mask));
    seeds
        .map(pass.graph()::constant)
        .ifPresent(
            value -> {
              inputs.add(value);
              beside.add(value);
            });
    Value tokens = tokens(pass, inputs);
    Value[] besides = beside.toArray(Value[]::new);
    boolean mean = spec.pool() == BertText.Pool.MEAN;
    Value x =
        mean
            ? transformer.last(pass, tokens, besides)
            : transformer.pooled(pass, tokens, Optional.empty(), besides);
    Value features =
        pass.one(
            HEAD,
            List.of(x, mask),
            head(pass.parameters()),
            mean,
            spec.pool() == BertText.Pool.POOLER);
    pass.release(x);
    pass.release(mask);
    return features;
  }

  private Value mask(Pass pass, Tensor ids) {
    return pass.graph()
        .adopt(pass.engine().kernels().one("not_padding", ids, spec.encoder().padding()));
  }
}
