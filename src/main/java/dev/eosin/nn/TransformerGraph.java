package dev.eosin.nn;

import dev.eosin.config.DataException;
import dev.eosin.onnx.Activations;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Linears;
import dev.eosin.onnx.Norms;
import dev.eosin.onnx.Rows;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A [Transformer] as a graph: what its blocks compute in training, without dropout and with
/// adapters merged. The output of each block is marked by its place, `image.blocks.0`.
///
/// @param padding which tokens are seen at all, boolean [b,1,1,n]; all where there is none
public record TransformerGraph(GraphPass pass, Transformer stack, Optional<GraphValue> padding) {
  /// The last block's output for all tokens.
  ///
  /// @param tokens [b,n,c]
  /// @return [b,n,c] fp32
  /// @throws DataException when a weight is missing
  public GraphValue last(GraphValue tokens) throws DataException {
    return through(tokens, stack.layers());
  }

  /// The output of the first `count` blocks for all tokens; those above are not in the graph.
  ///
  /// @param tokens [b,n,c]
  /// @return [b,n,c] fp32
  /// @throws DataException when a weight is missing
  public GraphValue through(GraphValue tokens, int count) throws DataException {
    Optional<GraphValue> mask = mask(tokens);
    GraphValue x = tokens;
    for (int layer = 0; layer < count; layer++) {
      x = block(layer, x, mask, UnaryOperator.identity());
    }
    return x;
  }

  /// The last block's output for one token of each row; the last block is computed for that token
  /// alone.
  ///
  /// @param tokens [b,n,c]
  /// @param position int64 `[b]`
  /// @return [b,1,c] fp32
  /// @throws DataException when a weight is missing
  public GraphValue pooled(GraphValue tokens, GraphValue position) throws DataException {
    GraphValue x = through(tokens, stack.layers() - 1);
    return block(
        stack.layers() - 1, x, mask(x, position), values -> Rows.at(pass, values, position));
  }

  /// The last block's output for the first token of each row, which sees all tokens that are seen
  /// at all; the last block is computed for that token alone.
  ///
  /// @param tokens [b,n,c]
  /// @return [b,1,c] fp32
  /// @throws DataException when a weight is missing
  public GraphValue firstPooled(GraphValue tokens) throws DataException {
    if (stack.causal()) {
      throw new IllegalArgumentException("the first token of causal blocks sees only itself");
    }
    GraphValue x = through(tokens, stack.layers() - 1);
    return block(stack.layers() - 1, x, mask(x), values -> Rows.firstToken(pass, values));
  }

  private GraphValue block(
      int layer, GraphValue x, Optional<GraphValue> mask, UnaryOperator<GraphValue> only)
      throws DataException {
    String place = "%s.blocks.%d".formatted(stack.prefix(), layer);
    List<String> names = stack.names(layer);
    GraphValue y =
        pass.graph()
            .within(
                place,
                () ->
                    switch (stack.style().norms()) {
                      case BEFORE -> normsBefore(names, x, mask, only);
                      case AFTER -> normsAfter(names, x, mask, only);
                    });
    return pass.marked(place, y);
  }

  private GraphValue normsBefore(
      List<String> names, GraphValue x, Optional<GraphValue> mask, UnaryOperator<GraphValue> only)
      throws DataException {
    GraphValue normed = norm(x, names.get(0), names.get(1));
    GraphValue added = layerScaled(attention(names, normed, mask, only), names, 12);
    GraphValue middle = pass.residual(only.apply(x), added);
    GraphValue mlp = mlp(names, norm(middle, names.get(6), names.get(7)));
    return pass.residual(middle, layerScaled(mlp, names, 13));
  }

  private GraphValue normsAfter(
      List<String> names, GraphValue x, Optional<GraphValue> mask, UnaryOperator<GraphValue> only)
      throws DataException {
    GraphValue sum = pass.residual(only.apply(x), attention(names, x, mask, only));
    GraphValue middle = norm(sum, names.get(0), names.get(1));
    GraphValue whole = pass.residual(middle, mlp(names, middle));
    return norm(whole, names.get(6), names.get(7));
  }

  private GraphValue norm(GraphValue x, String weight, String bias) throws DataException {
    return Norms.layerNorm(pass, x, weight, bias, stack.style().normEpsilon());
  }

  private GraphValue attention(
      List<String> names, GraphValue x, Optional<GraphValue> mask, UnaryOperator<GraphValue> only)
      throws DataException {
    int heads = stack.heads();
    int size = stack.width() / heads;
    GraphValue joined = Linears.linear(pass, x, names.get(2), names.get(3));
    List<GraphValue> parts = Attention.parts(pass, joined, 3);
    GraphValue attended =
        Attention.attended(
            pass,
            Attention.heads(pass, only.apply(parts.get(0)), heads, size),
            Attention.heads(pass, parts.get(1), heads, size),
            Attention.heads(pass, parts.get(2), heads, size),
            Math.pow(size, -0.5),
            mask);
    GraphValue tokens = Attention.tokens(pass, attended, stack.width());
    return Linears.linear(pass, tokens, names.get(4), names.get(5));
  }

  private GraphValue mlp(List<String> names, GraphValue x) throws DataException {
    GraphValue up = Linears.linear(pass, x, names.get(8), names.get(9));
    return Linears.linear(pass, activated(up), names.get(10), names.get(11));
  }

  private GraphValue activated(GraphValue up) {
    if (stack.style().gated()) {
      List<GraphValue> halves = Attention.parts(pass, up, 2);
      return pass.op("Mul", List.of(Activations.silu(pass, halves.get(0)), halves.get(1)));
    }
    return switch (stack.activation()) {
      case GELU -> Activations.gelu(pass, up);
      case QUICK_GELU -> Activations.quickGelu(pass, up);
    };
  }

  private GraphValue layerScaled(GraphValue y, List<String> names, int index) throws DataException {
    return names.size() > index
        ? pass.op("Mul", List.of(pass.wide(y), pass.weight(names.get(index))))
        : y;
  }

  /// Of all tokens.
  private Optional<GraphValue> mask(GraphValue tokens) {
    if (!stack.causal()) {
      return padding.map(seen -> Attention.mask(pass, seen));
    }
    GraphValue n = Attention.size(pass, tokens, 1);
    return Optional.of(Attention.mask(pass, seen(Attention.causal(pass, n, n))));
  }

  /// Of one token of each row.
  private Optional<GraphValue> mask(GraphValue tokens, GraphValue position) {
    if (!stack.causal()) {
      return padding.map(seen -> Attention.mask(pass, seen));
    }
    GraphValue keys =
        pass.op(
            "Range",
            List.of(pass.graph().whole(0), Attention.size(pass, tokens, 1), pass.graph().whole(1)));
    GraphValue end = pass.op("Unsqueeze", List.of(position, pass.graph().wholes(1, 2, 3)));
    GraphValue before = pass.graph().op("LessOrEqual", ElementType.BOOL, List.of(keys, end));
    return Optional.of(Attention.mask(pass, seen(before)));
  }

  private GraphValue seen(GraphValue causal) {
    return padding.map(counts -> pass.op("And", List.of(causal, counts))).orElse(causal);
  }
}
