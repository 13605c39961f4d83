package dev.eosin.tower;

import dev.eosin.model.PartGroups;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// CLIP's causal text transformer, pooled at the end of text.
///
/// Source: open_clip `transformer.py` (TextTransformer).
public record CausalTower(Causal spec, int embedSize, Transformer transformer)
    implements TextTower {
  private static final Kernel EMBED = new Kernel("embed_text");
  private static final Kernel HEAD = new Kernel("head");

  static CausalTower of(String prefix, Causal causal, int embedSize, Activation activation) {
    return new CausalTower(
        causal,
        embedSize,
        new Transformer(
            prefix,
            causal.layers(),
            causal.hiddenSize(),
            causal.heads(),
            causal.mlpSize(),
            true,
            activation,
            BlockStyle.CLIP));
  }

  @Override
  public List<Weight> weights() {
    var weights = new ArrayList<Weight>();
    long c = spec.hiddenSize();
    weights.add(Weight.normal(name("token-embedding"), 0.02, spec.vocabulary(), c));
    weights.add(Weight.normal(name("position-embedding"), 0.01, spec.context(), c));
    weights.addAll(transformer.weights());
    weights.add(Weight.ones(name("final-norm.weight"), c));
    weights.add(Weight.zeros(name("final-norm.bias"), c));
    weights.add(Weight.normal(name("projection"), Math.pow(c, -0.5), c, embedSize));
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
  public Value tokens(Pass pass, Tensor ids) {
    return pass.one(
        EMBED,
        List.of(pass.graph().constant(ids)),
        pass.named(name("token-embedding"), name("position-embedding")));
  }

  @Override
  public List<Value> hiddenStates(Pass pass, Value tokens, Tensor ids) {
    return transformer.hiddenStates(pass, tokens);
  }

  @Override
  public List<Parameter> head(ParameterSet parameters) {
    return parameters.named(name("final-norm.weight"), name("final-norm.bias"), name("projection"));
  }

  /// Positions that are pooled, int64 `[b]`; the caller closes them.
  public Tensor endOfText(Engine engine, Tensor ids) {
    return switch (spec.endOfText()) {
      case EndOfText.LargestId() -> engine.kernels().one("largest_position", ids);
      case EndOfText.FirstOf(int id) -> engine.kernels().one("first_position", ids, id);
    };
  }

  @Override
  public Value features(Pass pass, Tensor ids, Optional<Tensor> seeds) {
    if (seeds.isPresent()) {
      throw new IllegalArgumentException("CLIP's own text tower has no dropout");
    }
    Value end = pass.graph().adopt(endOfText(pass.engine(), ids));
    Value x = transformer.pooled(pass, tokens(pass, ids), Optional.of(end));
    Value features = pass.one(HEAD, List.of(x, end), head(pass.parameters()));
    pass.release(x);
    pass.release(end);
    return features;
  }
}
