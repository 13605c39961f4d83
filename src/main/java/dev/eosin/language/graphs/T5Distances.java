package dev.eosin.language.graphs;

import dev.eosin.config.DataException;
import dev.eosin.language.T5Blocks;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.Attribute;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphBuilder;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import java.util.List;

/// The biases of distances of a [dev.eosin.language.T5] as a graph: what the kernel `t5_distances`
/// adds to scores. From the farthest distance on all share a bucket, so that buckets are looked up
/// in a small table, which is exact where logarithms of two libraries may round apart.
record T5Distances(GraphPass pass, T5Spec spec, boolean bothWays) {
  /// The bucket of a key that stands `ahead` places behind the token: for all from -farthest to
  /// farthest.
  static long[] buckets(T5Spec spec, boolean bothWays) {
    int farthest = spec.farthest();
    long[] buckets = new long[2 * farthest + 1];
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = bucket(spec, bothWays, i - farthest);
    }
    return buckets;
  }

  private static long bucket(T5Spec spec, boolean bothWays, int ahead) {
    int each = bothWays ? spec.buckets() / 2 : spec.buckets();
    int side = bothWays && ahead > 0 ? each : 0;
    int far = bothWays ? Math.abs(ahead) : -Math.min(ahead, 0);
    int near = each / 2;
    if (far < near) {
      return side + far;
    }
    float logarithm = (float) Math.log((float) far / near);
    float steps = logarithm / (float) T5Blocks.span(spec, bothWays) * (each - near);
    return side + Math.min(near + (int) Math.max(steps, 0), each - 1);
  }

  /// Added to the scores of n tokens behind `past` others [1,h,n,past + n], fp32.
  ///
  /// @param table name of the biases [u,h]
  /// @param past int64 []
  /// @param all int64 [], tokens and those before
  /// @throws DataException when there is no such table
  GraphValue of(String table, GraphValue past, GraphValue all) throws DataException {
    GraphBuilder graph = pass.graph();
    GraphValue one = graph.whole(1);
    GraphValue keys = pass.op("Range", List.of(graph.whole(0), all, one));
    GraphValue tokens =
        pass.op("Unsqueeze", List.of(pass.op("Range", List.of(past, all, one)), graph.wholes(1)));
    GraphValue ahead = pass.op("Sub", List.of(keys, tokens));
    GraphValue farthest = graph.whole(spec.farthest());
    GraphValue near =
        pass.op(
            "Max",
            List.of(pass.op("Min", List.of(ahead, farthest)), graph.whole(-spec.farthest())));
    GraphValue places = pass.op("Add", List.of(near, farthest));
    GraphValue buckets =
        pass.op(
            "Gather",
            List.of(graph.wholes(buckets(spec, bothWays)), places),
            Attribute.of("axis", 0L));
    GraphValue rows =
        pass.op("Gather", List.of(pass.weight(table), buckets), Attribute.of("axis", 0L));
    GraphValue heads =
        pass.op("Transpose", List.of(rows), Attribute.of("perm", new long[] {2, 0, 1}));
    GraphValue biases = pass.op("Unsqueeze", List.of(heads, graph.wholes(0)));
    if (bothWays) {
      return biases;
    }
    GraphValue seen = graph.op("LessOrEqual", ElementType.BOOL, List.of(keys, tokens));
    return pass.op("Add", List.of(biases, Attention.mask(pass, seen)));
  }
}
