package dev.eosin.clip;

import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Graph;
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
record CausalTower(ClipSpec.Causal spec, int embedSize, Transformer blocks) implements TextTower {
  private static final Kernel EMBED = new Kernel("embed_text");
  private static final Kernel HEAD = new Kernel("head");

  static CausalTower of(ClipSpec.Causal causal, ClipSpec spec) {
    return new CausalTower(
        causal,
        spec.embedSize(),
        new Transformer(
            "text",
            causal.layers(),
            causal.hiddenSize(),
            causal.heads(),
            causal.mlpSize(),
            true,
            spec.activation(),
            BlockStyle.CLIP));
  }

  @Override
  public List<Weight> weights() {
    var weights = new ArrayList<Weight>();
    long c = spec.hiddenSize();
    weights.add(Weight.normal("text.token-embedding", 0.02, spec.vocabulary(), c));
    weights.add(Weight.normal("text.position-embedding", 0.01, spec.context(), c));
    weights.addAll(blocks.weights());
    weights.add(Weight.ones("text.final-norm.weight", c));
    weights.add(Weight.zeros("text.final-norm.bias", c));
    weights.add(Weight.normal("text.projection", Math.pow(c, -0.5), c, embedSize));
    return weights;
  }

  @Override
  public Value tokens(Graph graph, ParameterSet parameters, Tensor ids) {
    return graph.one(
        EMBED,
        List.of(graph.constant(ids)),
        parameters.named("text.token-embedding", "text.position-embedding"));
  }

  @Override
  public List<Value> hiddenStates(
      Graph graph, ParameterSet parameters, Value tokens, Tensor ids, BlockExecution execution) {
    return blocks.hiddenStates(graph, parameters, tokens, execution);
  }

  @Override
  public List<Parameter> head(ParameterSet parameters) {
    return parameters.named("text.final-norm.weight", "text.final-norm.bias", "text.projection");
  }

  /// Positions that are pooled, int64 [b]; the caller closes them.
  Tensor endOfText(Engine engine, Tensor ids) {
    return switch (spec.endOfText()) {
      case ClipSpec.EndOfText.LargestId() -> engine.kernels().one("largest_position", ids);
      case ClipSpec.EndOfText.FirstOf(int id) -> engine.kernels().one("first_position", ids, id);
    };
  }

  @Override
  public Value features(
      Graph graph,
      ParameterSet parameters,
      Tensor ids,
      Optional<Tensor> seeds,
      BlockExecution execution) {
    if (seeds.isPresent()) {
      throw new IllegalArgumentException("CLIP's own text tower has no dropout");
    }
    Value end = graph.adopt(endOfText(parameters.engine(), ids));
    Value x = blocks.pooled(graph, parameters, tokens(graph, parameters, ids), end, execution);
    Value features = graph.one(HEAD, List.of(x, end), head(parameters));
    graph.release(x);
    graph.release(end);
    return features;
  }
}
