package dev.eosin.eval.maps;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Vectors on a plane, by their principal components and by t-SNE.
///
/// @param model whose vectors they are
/// @param labels of the classes
/// @param of how many vectors these points were drawn
/// @param points in the order of the vectors
/// @param shares of the variance along the two components [2]
/// @param perplexity of t-SNE; empty where too few points are there for it
@SuppressWarnings("ArrayRecordComponent") // drawn, never compared
public record EmbeddingMap(
    String model,
    List<String> labels,
    int of,
    List<Point> points,
    double[] shares,
    Optional<Double> perplexity) {
  private static final double USUAL_PERPLEXITY = 30;

  /// Components that t-SNE looks at.
  private static final int COMPONENTS = 50;

  private static final int FEWEST = 10;

  public EmbeddingMap {
    labels = List.copyOf(labels);
    points = List.copyOf(points);
  }

  /// One vector.
  ///
  /// @param id names it
  /// @param label its place among the classes
  /// @param component along the first principal components [2]
  /// @param neighbour by t-SNE; empty where there is none [2]
  @SuppressWarnings("ArrayRecordComponent") // drawn, never compared
  public record Point(String id, int label, double[] component, double[] neighbour) {}

  /// Draws a map; of many vectors some, at most [NeighbourEmbedding#MOST].
  ///
  /// @param ids of the vectors `[n]`
  /// @param truth classes `[n]`
  /// @param vectors `[n][d]`, at least two
  /// @param key draws some of many
  public static EmbeddingMap of(
      String model,
      List<String> labels,
      List<String> ids,
      int[] truth,
      float[][] vectors,
      RandomKey key) {
    int[] chosen = chosen(vectors.length, key);
    double[][] wide = new double[chosen.length][];
    for (int i = 0; i < chosen.length; i++) {
      float[] own = vectors[chosen[i]];
      wide[i] = IntStream.range(0, own.length).mapToDouble(k -> own[k]).toArray();
    }
    int count = Math.max(2, Math.min(COMPONENTS, Math.min(chosen.length - 1, wide[0].length)));
    var components = PrincipalComponents.of(wide, count, key);
    double[][] placed = components.applied(wide);
    double[][] plane = plane(placed);
    Optional<Double> perplexity =
        chosen.length < FEWEST
            ? Optional.empty()
            : Optional.of(Math.min(USUAL_PERPLEXITY, (chosen.length - 1) / 3.0));
    double[][] near =
        perplexity.isPresent()
            ? NeighbourEmbedding.of(placed, plane, perplexity.get())
            : new double[chosen.length][0];
    List<Point> points =
        IntStream.range(0, chosen.length)
            .mapToObj(i -> new Point(ids.get(chosen[i]), truth[chosen[i]], plane[i], near[i]))
            .toList();
    double[] shares = {
      components.share(0), components.directions().length > 1 ? components.share(1) : 0
    };
    return new EmbeddingMap(model, labels, vectors.length, points, shares, perplexity);
  }

  private static double[][] plane(double[][] placed) {
    return Arrays.stream(placed)
        .map(each -> new double[] {each[0], each.length > 1 ? each[1] : 0})
        .toArray(double[][]::new);
  }

  /// Rising places of those that are drawn.
  private static int[] chosen(int count, RandomKey key) {
    int[] all = IntStream.range(0, count).toArray();
    if (count <= NeighbourEmbedding.MOST) {
      return all;
    }
    RandomStream random = key.stream(RandomKey.Purpose.EMBEDDING_MAP, 0, 1);
    for (int i = 0; i < NeighbourEmbedding.MOST; i++) {
      int other = i + random.nextInt(count - i);
      int kept = all[i];
      all[i] = all[other];
      all[other] = kept;
    }
    int[] drawn = Arrays.copyOf(all, NeighbourEmbedding.MOST);
    Arrays.sort(drawn);
    return drawn;
  }
}
