package dev.eosin.clip;

import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
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

/// A [BertText] as computation: every token sees every token that is no padding. There is dropout
/// only where seeds are given: in training steps.
///
/// Source: transformers 5.18.0 `modeling_bert.py`, open_clip 3.3.0 `hf_model.py`.
record BertTower(BertText spec, int embedSize, Transformer blocks) implements TextTower {
  private static final Kernel EMBED = new Kernel("embed_bert");
  private static final Kernel HEAD = new Kernel("head_bert");
  private static final double DEVIATION = 0.02;

  static BertTower of(BertText text, ClipSpec spec) {
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
        spec.embedSize(),
        new Transformer(
            "text",
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
    weights.add(Weight.normal("text.token-embedding", DEVIATION, encoder.vocabulary(), c));
    weights.add(Weight.normal("text.position-embedding", DEVIATION, encoder.positions(), c));
    weights.add(Weight.normal("text.token-type-embedding", DEVIATION, encoder.tokenTypes(), c));
    weights.add(Weight.ones("text.embedding-norm.weight", c));
    weights.add(Weight.zeros("text.embedding-norm.bias", c));
    weights.addAll(blocks.weights());
    if (spec.pool() == BertText.Pool.POOLER) {
      weights.add(Weight.normal("text.pooler.weight", DEVIATION, c, c));
      weights.add(Weight.zeros("text.pooler.bias", c));
    }
    int[] sizes = spec.projectionSizes(embedSize);
    for (int i = 0; i + 1 < sizes.length; i++) {
      weights.add(Projections.matrix("text", i, sizes));
    }
    return weights;
  }

  @Override
  public Value tokens(Graph graph, ParameterSet parameters, Tensor ids) {
    return tokens(graph, parameters, List.of(graph.constant(ids)));
  }

  /// @param inputs the ids, then the seeds of dropout where there is any
  private Value tokens(Graph graph, ParameterSet parameters, List<Value> inputs) {
    return graph.one(
        EMBED,
        inputs,
        parameters.named(
            "text.token-embedding",
            "text.position-embedding",
            "text.token-type-embedding",
            "text.embedding-norm.weight",
            "text.embedding-norm.bias"),
        spec.encoder().dropout().hidden(),
        spec.encoder().normEpsilon());
  }

  @Override
  public List<Value> hiddenStates(
      Graph graph, ParameterSet parameters, Value tokens, Tensor ids, BlockExecution execution) {
    return blocks.hiddenStates(graph, parameters, tokens, execution, mask(graph, parameters, ids));
  }

  @Override
  public List<Parameter> head(ParameterSet parameters) {
    List<Parameter> head = new ArrayList<>();
    if (spec.pool() == BertText.Pool.POOLER) {
      head.addAll(parameters.named("text.pooler.weight", "text.pooler.bias"));
    }
    head.addAll(Projections.of(parameters, "text"));
    return head;
  }

  @Override
  public Value features(
      Graph graph,
      ParameterSet parameters,
      Tensor ids,
      Optional<Tensor> seeds,
      BlockExecution execution) {
    Value mask = mask(graph, parameters, ids);
    List<Value> inputs = new ArrayList<>(List.of(graph.constant(ids)));
    List<Value> beside = new ArrayList<>(List.of(mask));
    seeds
        .map(graph::constant)
        .ifPresent(
            value -> {
              inputs.add(value);
              beside.add(value);
            });
    Value tokens = tokens(graph, parameters, inputs);
    Value[] besides = beside.toArray(Value[]::new);
    boolean mean = spec.pool() == BertText.Pool.MEAN;
    Value x =
        mean
            ? blocks.last(graph, parameters, tokens, execution, besides)
            : blocks.first(graph, parameters, tokens, execution, besides);
    Value features =
        graph.one(
            HEAD, List.of(x, mask), head(parameters), mean, spec.pool() == BertText.Pool.POOLER);
    graph.release(x);
    graph.release(mask);
    return features;
  }

  private Value mask(Graph graph, ParameterSet parameters, Tensor ids) {
    return graph.adopt(
        parameters.engine().kernels().one("not_padding", ids, spec.encoder().padding()));
  }
}
