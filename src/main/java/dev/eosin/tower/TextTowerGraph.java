package dev.eosin.tower;

import dev.eosin.config.DataException;
import dev.eosin.nn.TransformerGraph;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.Attribute;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Linears;
import dev.eosin.onnx.Norms;
import dev.eosin.onnx.Rows;
import java.util.List;
import java.util.Optional;

/// A [TextTower] as a graph: what [TextTower#features] computes, with the tokens that count given
/// beside the ids as tokenizers of transformers give them.
public record TextTowerGraph(GraphPass pass, TextTower tower) {
  private static final double CLIP_EPSILON = 1e-5;

  /// Unit vectors [b,e] fp32.
  ///
  /// @param ids int64 [b,n], n at most the context
  /// @param counts int64 [b,n], 1 for a token and 0 for padding
  /// @throws DataException when a weight is missing
  public GraphValue features(GraphValue ids, GraphValue counts) throws DataException {
    GraphValue counted =
        switch (tower) {
          case CausalTower _ -> counts;
          case BertTower bert -> counted(bert, ids, counts);
        };
    GraphValue padding = Attention.notPadding(pass, counted);
    var blocks = new TransformerGraph(pass, tower.transformer(), Optional.of(padding));
    GraphValue tokens =
        pass.marked(
            name("tokens"),
            pass.graph()
                .within(
                    name("tokens"),
                    () ->
                        switch (tower) {
                          case CausalTower causal -> causalTokens(ids);
                          case BertTower bert -> bertTokens(bert, ids);
                        }));
    GraphValue projected =
        switch (tower) {
          case CausalTower causal -> causalHead(blocks.pooled(tokens, endOfText(causal, ids)));
          case BertTower bert -> bertHead(bert, blocks, tokens, counted);
        };
    return Norms.unit(pass, projected);
  }

  /// The tower itself leaves out one id wherever it stands, as in training.
  private GraphValue counted(BertTower bert, GraphValue ids, GraphValue counts) {
    GraphValue padding = pass.graph().whole(bert.spec().encoder().padding());
    GraphValue left = pass.graph().op("Equal", ElementType.BOOL, List.of(ids, padding));
    GraphValue said = pass.graph().cast(counts, ElementType.BOOL);
    GraphValue both = pass.op("And", List.of(said, pass.op("Not", List.of(left))));
    return pass.graph().cast(both, ElementType.INT64);
  }

  private String name(String rest) {
    return tower.prefix() + "." + rest;
  }

  private GraphValue causalTokens(GraphValue ids) throws DataException {
    GraphValue rows = Rows.of(pass, name("token-embedding"), ids);
    return pass.op("Add", List.of(rows, positions(ids)));
  }

  private GraphValue positions(GraphValue ids) throws DataException {
    return Rows.first(pass, name("position-embedding"), Attention.size(pass, ids, 1));
  }

  private GraphValue bertTokens(BertTower bert, GraphValue ids) throws DataException {
    GraphValue type = pass.op("Gather", List.of(pass.weight(name("token-type-embedding")), zero()));
    GraphValue fixed = pass.op("Add", List.of(positions(ids), type));
    GraphValue rows = Rows.of(pass, name("token-embedding"), ids);
    return Norms.layerNorm(
        pass,
        pass.op("Add", List.of(rows, fixed)),
        name("embedding-norm.weight"),
        name("embedding-norm.bias"),
        bert.spec().encoder().normEpsilon());
  }

  private GraphValue zero() {
    return pass.graph().whole(0);
  }

  /// Where a caption is pooled, int64 [b]. Runtimes know the largest of int32 better than of int64.
  private GraphValue endOfText(CausalTower causal, GraphValue ids) {
    GraphValue compared =
        switch (causal.spec().endOfText()) {
          case EndOfText.LargestId() -> ids;
          case EndOfText.FirstOf(int id) ->
              pass.graph().op("Equal", ElementType.BOOL, List.of(ids, pass.graph().whole(id)));
        };
    return pass.graph()
        .op(
            "ArgMax",
            ElementType.INT64,
            List.of(pass.graph().cast(compared, ElementType.INT32)),
            Attribute.of("axis", -1L),
            Attribute.of("keepdims", 0L));
  }

  private GraphValue causalHead(GraphValue one) throws DataException {
    GraphValue normed =
        Norms.layerNorm(
            pass, flat(one), name("final-norm.weight"), name("final-norm.bias"), CLIP_EPSILON);
    return pass.op("MatMul", List.of(normed, pass.weight(name("projection"))));
  }

  private GraphValue bertHead(
      BertTower bert, TransformerGraph blocks, GraphValue tokens, GraphValue counts)
      throws DataException {
    GraphValue pooled =
        switch (bert.spec().pool()) {
          case FIRST_TOKEN -> flat(blocks.firstPooled(tokens));
          case POOLER -> pooler(flat(blocks.firstPooled(tokens)));
          case MEAN -> mean(blocks.last(tokens), counts);
        };
    return Projections.emit(pass, tower.prefix(), pooled);
  }

  private GraphValue pooler(GraphValue first) throws DataException {
    GraphValue y = Linears.wide(pass, first, name("pooler.weight"));
    return pass.op("Tanh", List.of(pass.op("Add", List.of(y, pass.weight(name("pooler.bias"))))));
  }

  /// Of the tokens that count.
  private GraphValue mean(GraphValue tokens, GraphValue counts) {
    GraphValue each =
        pass.op(
            "Unsqueeze",
            List.of(pass.graph().cast(counts, ElementType.FLOAT), pass.graph().wholes(2)));
    GraphValue sum = sum(pass.op("Mul", List.of(tokens, each)));
    return pass.op("Div", List.of(sum, sum(each)));
  }

  private GraphValue sum(GraphValue tokens) {
    return pass.op(
        "ReduceSum", List.of(tokens, pass.graph().wholes(1)), Attribute.of("keepdims", 0L));
  }

  private GraphValue flat(GraphValue one) {
    return pass.op("Squeeze", List.of(one, pass.graph().wholes(1)));
  }
}
