package dev.eosin.recipe.evaluated;

import dev.eosin.eval.Ranks;
import dev.eosin.eval.Retrieval;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.embeddings.EmbeddingPairs;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.eval.samples.Sample;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.recipe.RetrievalRecipe;
import dev.eosin.report.Hits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.IntPredicate;

/// What retrieval found of each query: ranks, and the nearest of some as examples.
record RetrievalSamples(
    RetrievalRecipe recipe, StoredEmbeddings images, StoredEmbeddings texts, EmbeddingPairs pairs) {
  private static final int QUERIES = 6;
  private static final int NEAREST = 5;

  /// Of each query whether its own is among the first k, and its rank.
  SampleResults ranked(Retrieval retrieval) {
    List<String> names = new ArrayList<>();
    for (String direction : List.of("image_to_text", "text_to_image")) {
      recipe.recalls().forEach(k -> names.add(direction + "_recall_at_" + k));
      names.add(direction + "_mean_rank");
    }
    List<Sample> samples = new ArrayList<>();
    List<double[]> values = new ArrayList<>();
    int[] imageRows = pairs.imagesCompared();
    int[] textRows = pairs.textsCompared();
    add(samples, imageRows, images);
    add(samples, textRows, texts);
    int half = names.size() / 2;
    for (int i = 0; i < imageRows.length; i++) {
      values.add(values(retrieval.ofImages(), i, 0, names.size()));
    }
    for (int i = 0; i < textRows.length; i++) {
      values.add(values(retrieval.ofTexts(), i, half, names.size()));
    }
    return new SampleResults.Valued(names, samples, values.toArray(double[][]::new));
  }

  /// An image without a group is drawn with its texts, by their path.
  private static void add(List<Sample> to, int[] rows, StoredEmbeddings of) {
    for (int place : rows) {
      ActivationRow row = of.rows().get(place);
      String unit = row.group().orElseGet(() -> "path " + row.path());
      to.add(new Sample(name(row), Optional.of(unit), row.label()));
    }
  }

  private static String name(ActivationRow row) {
    return row.text().map(text -> "%d %s".formatted(row.row(), text)).orElse(row.path());
  }

  private double[] values(Ranks ranks, int query, int first, int width) {
    double[] values = new double[width];
    Arrays.fill(values, Double.NaN);
    int at = first;
    for (int k : recipe.recalls()) {
      values[at++] = ranks.hit(query, k);
    }
    values[at] = ranks.rank(query);
    return values;
  }

  /// Some images with their nearest texts, and some texts with their nearest images.
  List<Hits> hits() throws IOException {
    int[] imageQueries = drawn(pairs.imagesCompared(), 0);
    int[] textQueries = drawn(pairs.textsCompared(), 1);
    return List.of(
        new Hits(
            "Tiles and their nearest texts",
            queries(images, imageQueries, texts, pairs.textsCompared(), pairs::together)),
        new Hits(
            "Texts and their nearest tiles",
            queries(
                texts,
                textQueries,
                images,
                pairs.imagesCompared(),
                (query, found) -> pairs.together(found, query))));
  }

  private int[] drawn(int[] rows, int direction) {
    RandomStream random =
        new RandomKey(recipe.seed()).stream(RandomKey.Purpose.EMBEDDING_MAP, 1, direction);
    int[] left = rows.clone();
    int count = Math.min(QUERIES, left.length);
    for (int i = 0; i < count; i++) {
      int other = i + random.nextInt(left.length - i);
      int kept = left[i];
      left[i] = left[other];
      left[other] = kept;
    }
    return Arrays.copyOf(left, count);
  }

  private interface Together {
    boolean are(int query, int found);
  }

  private record Near(int row, double cosine) {}

  private static List<Hits.Query> queries(
      StoredEmbeddings of, int[] queries, StoredEmbeddings among, int[] compared, Together together)
      throws IOException {
    float[][] vectors = vectors(of, queries);
    boolean[] counts = new boolean[among.size()];
    Arrays.stream(compared).forEach(row -> counts[row] = true);
    List<PriorityQueue<Near>> nearest = nearest(vectors, among, row -> counts[row]);
    List<Hits.Query> found = new ArrayList<>();
    for (int i = 0; i < queries.length; i++) {
      int query = queries[i];
      List<Hits.Hit> hits =
          nearest.get(i).stream()
              .sorted(RetrievalSamples::nearer)
              .map(
                  near ->
                      new Hits.Hit(
                          item(among.rows().get(near.row())),
                          near.cosine(),
                          together.are(query, near.row())))
              .toList();
      found.add(new Hits.Query(item(of.rows().get(query)), hits));
    }
    return found;
  }

  private static int nearer(Near one, Near other) {
    int order = Double.compare(other.cosine(), one.cosine());
    return order != 0 ? order : Integer.compare(one.row(), other.row());
  }

  /// Memory holds a block of embeddings.
  private static List<PriorityQueue<Near>> nearest(
      float[][] queries, StoredEmbeddings among, IntPredicate counts) throws IOException {
    List<PriorityQueue<Near>> nearest = new ArrayList<>();
    for (int i = 0; i < queries.length; i++) {
      nearest.add(new PriorityQueue<>((one, other) -> nearer(other, one)));
    }
    int width = among.width();
    among.blocks(
        (first, values) -> {
          for (int i = 0; i < values.length / width; i++) {
            int row = (int) first + i;
            if (counts.test(row)) {
              for (int query = 0; query < queries.length; query++) {
                PriorityQueue<Near> own = nearest.get(query);
                own.add(new Near(row, cosine(queries[query], values, i * width)));
                if (own.size() > NEAREST) {
                  own.remove();
                }
              }
            }
          }
        });
    return nearest;
  }

  private static double cosine(float[] query, float[] values, int at) {
    double dot = 0;
    double one = 0;
    double other = 0;
    for (int i = 0; i < query.length; i++) {
      dot += (double) query[i] * values[at + i];
      one += (double) query[i] * query[i];
      other += (double) values[at + i] * values[at + i];
    }
    return dot / Math.max(Math.sqrt(one * other), 1e-12);
  }

  private static float[][] vectors(StoredEmbeddings of, int[] rows) throws IOException {
    float[][] vectors = new float[rows.length][];
    int width = of.width();
    of.blocks(
        (first, values) -> {
          for (int i = 0; i < rows.length; i++) {
            long at = rows[i] - first;
            if (at >= 0 && at < values.length / width) {
              vectors[i] = Arrays.copyOfRange(values, (int) at * width, (int) (at + 1) * width);
            }
          }
        });
    return vectors;
  }

  private static Hits.Item item(ActivationRow row) {
    return new Hits.Item(row.path(), row.text());
  }
}
