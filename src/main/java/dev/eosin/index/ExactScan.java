package dev.eosin.index;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Compares queries with every vector, block by block, so that memory holds one block of cosines,
/// however many vectors and queries there are. Safe for use by many threads.
///
/// @param engine that computes
/// @param vectors that are searched
public record ExactScan(Engine engine, VectorFile vectors) {
  /// Vectors of a block: 64 MiB of 512 numbers each.
  private static final int BLOCK = 1 << 15;

  /// Queries at once.
  private static final int QUERIES = 256;

  /// @param queries [q,e] of length 1
  /// @param most k; fewer are found where there are fewer
  public Neighbours search(float[][] queries, int most) {
    int k = Math.min(most, vectors.size());
    int[][] rows = new int[queries.length][];
    float[][] cosines = new float[queries.length][];
    for (int from = 0; from < queries.length; from += QUERIES) {
      int to = Math.min(queries.length, from + QUERIES);
      some(Arrays.copyOfRange(queries, from, to), k, from, rows, cosines);
    }
    return new Neighbours(rows, cosines);
  }

  private void some(float[][] queries, int k, int from, int[][] rows, float[][] cosines) {
    float[] flat = new float[queries.length * vectors.width()];
    for (int i = 0; i < queries.length; i++) {
      System.arraycopy(queries[i], 0, flat, i * vectors.width(), vectors.width());
    }
    try (Tensor wanted = engine.of(flat, queries.length, vectors.width())) {
      List<Tensor> best =
          List.of(
              engine.zeros(DType.FLOAT32, queries.length, 0),
              engine.zeros(DType.INT64, queries.length, 0));
      for (int first = 0; first < vectors.size(); first += BLOCK) {
        int count = Math.min(BLOCK, vectors.size() - first);
        try (Tensor block = vectors.rows(engine, first, count)) {
          List<Tensor> next =
              engine.kernels().list("nearest", wanted, block, first, best.get(0), best.get(1), k);
          best.forEach(Tensor::close);
          best = next;
        }
      }
      float[] allCosines = best.get(0).toFloats();
      long[] allRows = best.get(1).toLongs();
      best.forEach(Tensor::close);
      for (int i = 0; i < queries.length; i++) {
        int start = i * k;
        Integer[] order = new Integer[k];
        Arrays.setAll(order, at -> start + at);
        Arrays.sort(
            order,
            (a, b) -> {
              int byCosine = Float.compare(allCosines[b], allCosines[a]);
              return byCosine != 0 ? byCosine : Long.compare(allRows[a], allRows[b]);
            });
        rows[from + i] = Arrays.stream(order).mapToInt(at -> (int) allRows[at]).toArray();
        cosines[from + i] = new float[k];
        for (int at = 0; at < k; at++) {
          cosines[from + i][at] = allCosines[order[at]];
        }
      }
    }
  }
}
