package dev.eosin.onnx;

import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Attention of several heads. b rows, n tokens, m keys, h heads, d size of a head; softmax is
/// fp32.
public final class Attention {
  /// What is added to the score of a key that is not seen: its share is exactly 0, and no score of
  /// fp32 can turn it infinite.
  private static final double UNSEEN = -1e30;

  private Attention() {}

  /// Softmax(q kT scale + mask) v
  ///
  /// @param q [b,h,n,d]
  /// @param k [b,h,m,d]
  /// @param v [b,h,m,d]
  /// @param scale 1 / sqrt(d) in most models
  /// @param mask added to the scores, fp32, broadcast to [b,h,n,m]: see [#mask]; or a bias such as
  ///   T5's
  /// @return [b,h,n,d] in the type of products
  public static GraphValue attended(
      GraphPass pass,
      GraphValue q,
      GraphValue k,
      GraphValue v,
      double scale,
      Optional<GraphValue> mask) {
    GraphValue turned =
        pass.op(
            "Transpose", List.of(pass.narrow(k)), Attribute.of("perm", new long[] {0, 1, 3, 2}));
    GraphValue query = pass.narrow(q);
    GraphValue scaled =
        scale == 1 ? query : pass.op("Mul", List.of(query, pass.graph().real(scale, query.type())));
    GraphValue scores = pass.wide(pass.op("MatMul", List.of(scaled, turned)));
    GraphValue masked = mask.map(added -> pass.op("Add", List.of(scores, added))).orElse(scores);
    GraphValue shares = pass.op("Softmax", List.of(masked), Attribute.of("axis", -1L));
    return pass.op("MatMul", List.of(pass.narrow(shares), pass.narrow(v)));
  }

  /// Tokens [b,n,h d] as heads [b,h,n,d].
  public static GraphValue heads(GraphPass pass, GraphValue x, long heads, long size) {
    GraphValue apart = pass.op("Reshape", List.of(x, pass.graph().wholes(0, 0, heads, size)));
    return pass.op("Transpose", List.of(apart), Attribute.of("perm", new long[] {0, 2, 1, 3}));
  }

  /// Heads [b,h,n,d] as tokens [b,n,h d].
  public static GraphValue tokens(GraphPass pass, GraphValue x, long width) {
    GraphValue turned =
        pass.op("Transpose", List.of(x), Attribute.of("perm", new long[] {0, 2, 1, 3}));
    return pass.op("Reshape", List.of(turned, pass.graph().wholes(0, 0, width)));
  }

  /// Equal parts of the last dimension.
  public static List<GraphValue> parts(GraphPass pass, GraphValue x, int parts) {
    return pass.graph()
        .ops(
            "Split",
            Collections.nCopies(parts, x.type()),
            List.of(x),
            Attribute.of("axis", -1L),
            Attribute.of("num_outputs", (long) parts));
  }

  /// What is seen, as numbers to add to scores, fp32.
  ///
  /// @param seen boolean, of any shape
  public static GraphValue mask(GraphPass pass, GraphValue seen) {
    return pass.graph()
        .op(
            "Where",
            ElementType.FLOAT,
            List.of(
                seen,
                pass.graph().real(0, ElementType.FLOAT),
                pass.graph().real(UNSEEN, ElementType.FLOAT)));
  }

  /// Which keys are no padding: int64 [b,m], 1 for what counts, as boolean [b,1,1,m].
  public static GraphValue notPadding(GraphPass pass, GraphValue attentionMask) {
    GraphBuilder graph = pass.graph();
    GraphValue counts = graph.cast(attentionMask, ElementType.BOOL);
    return pass.op("Unsqueeze", List.of(counts, graph.wholes(1, 2)));
  }

  /// Which keys a token sees that sees itself and what precedes it: boolean [n,m]. The tokens are
  /// the last n of m.
  ///
  /// @param n int64 [], number of tokens
  /// @param m int64 [], number of keys
  public static GraphValue causal(GraphPass pass, GraphValue n, GraphValue m) {
    GraphBuilder graph = pass.graph();
    GraphValue one = graph.whole(1);
    GraphValue keys = pass.op("Range", List.of(graph.whole(0), m, one));
    GraphValue tokens = pass.op("Range", List.of(pass.op("Sub", List.of(m, n)), m, one));
    GraphValue rows = pass.op("Unsqueeze", List.of(tokens, graph.wholes(1)));
    return graph.op("LessOrEqual", ElementType.BOOL, List.of(keys, rows));
  }

  /// The size of a value along an axis, int64 [].
  public static GraphValue size(GraphPass pass, GraphValue value, long axis) {
    GraphValue shape = pass.graph().op("Shape", ElementType.INT64, List.of(value));
    return pass.op("Gather", List.of(shape, pass.graph().whole(axis)), Attribute.of("axis", 0L));
  }
}
