package dev.eosin.eval;

import dev.eosin.group.Group;
import dev.eosin.group.SharedUnits;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Kernels;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/// How well images find their texts and texts their images within one set, by cosine: recall, mean
/// and median rank as open_clip's `get_clip_metrics` has them.
///
/// What belongs together has one class: an image and its texts, and texts that say the same with
/// all their images. A text is as right an answer as any that equals it, which open_clip counts as
/// wrong; where no text comes twice, both are the same.
///
/// @param ofImages where the texts of each image stand among all texts
/// @param ofTexts where the images of each text stand among all images
public record Retrieval(Ranks ofImages, Ranks ofTexts) {
  /// Scores in one block of queries: 8 MiB stay in a cache.
  private static final long BLOCK = 1 << 21;

  /// Fewer rows would starve the matrix product.
  private static final long FEWEST_ROWS = 64;

  private static final List<Integer> RECALLED = List.of(1, 5, 10);

  /// Ranks every image and every text. Besides the features memory holds three blocks of scores.
  ///
  /// @param images unit vectors fp32 [n, e]
  /// @param texts unit vectors fp32 [m, e]
  /// @param classesOfImages `[n]`; each is the class of a text
  /// @param classesOfTexts `[m]`; each is the class of an image
  /// @throws IllegalArgumentException when the sizes disagree, a class has no partner, or a feature
  ///   is no number
  public static Retrieval of(
      Tensor images, Tensor texts, long[] classesOfImages, long[] classesOfTexts) {
    return of(images, 1, texts, classesOfImages, classesOfTexts);
  }

  /// As above, where an image has several vectors: its score is the largest of their cosines.
  ///
  /// @param images unit vectors fp32 [n v, e], those of an image neighbours
  /// @param vectorsPerImage v
  public static Retrieval of(
      Tensor images,
      int vectorsPerImage,
      Tensor texts,
      long[] classesOfImages,
      long[] classesOfTexts) {
    return of(Group.ALONE, images, vectorsPerImage, texts, classesOfImages, classesOfTexts);
  }

  /// As above, by ranks that all have the features: each takes whole blocks of queries by turns, so
  /// that a block is the same one as in a process alone.
  ///
  /// @return the same on every rank
  public static Retrieval of(
      Group group,
      Tensor images,
      int vectorsPerImage,
      Tensor texts,
      long[] classesOfImages,
      long[] classesOfTexts) {
    if ((long) classesOfImages.length * vectorsPerImage != images.size(0)
        || classesOfTexts.length != texts.size(0)) {
      throw new IllegalArgumentException(
          "%s and %s have classes of %d and %d"
              .formatted(images, texts, classesOfImages.length, classesOfTexts.length));
    }
    Engine engine = images.engine();
    try (Tensor ofImages = engine.of(classesOfImages, classesOfImages.length);
        Tensor ofTexts = engine.of(classesOfTexts, classesOfTexts.length)) {
      return new Retrieval(
          ranks(group, images, vectorsPerImage, texts, 1, ofImages, ofTexts),
          ranks(group, texts, 1, images, vectorsPerImage, ofTexts, ofImages));
    }
  }

  private static Ranks ranks(
      Group group,
      Tensor queries,
      int ofQuery,
      Tensor candidates,
      int ofCandidate,
      Tensor wanted,
      Tensor classes) {
    long rows = Math.max(FEWEST_ROWS, BLOCK / candidates.size(0) / ofQuery);
    if (group.size() == 1) {
      return Ranks.of(counts(queries, ofQuery, candidates, ofCandidate, wanted, classes, rows));
    }
    Kernels kernels = queries.engine().kernels();
    SharedUnits.Unit unit =
        (block, _) -> {
          try (Tensor some = kernels.one("block_of", queries, block, rows * ofQuery);
              Tensor own = kernels.one("block_of", wanted, block, rows)) {
            int[][] counts = counts(some, ofQuery, candidates, ofCandidate, own, classes, rows);
            return Optional.of(
                Arrays.stream(counts).flatMapToInt(Arrays::stream).asDoubleStream().toArray());
          }
        };
    int blocks = Math.toIntExact(Math.ceilDiv(wanted.size(0), rows));
    try {
      return Ranks.ofBlocks(new SharedUnits(group, () -> false).all(blocks, unit).orElseThrow());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// As [Ranks#of] takes them, counted in blocks of so many queries.
  private static int[][] counts(
      Tensor queries,
      int ofQuery,
      Tensor candidates,
      int ofCandidate,
      Tensor wanted,
      Tensor classes,
      long rows) {
    Kernels kernels = queries.engine().kernels();
    List<Tensor> counts =
        ofQuery * ofCandidate == 1
            ? kernels.list("retrieval_ranks", queries, candidates, wanted, classes, rows)
            : kernels.list(
                "retrieval_ranks_of_sets",
                queries,
                candidates,
                wanted,
                classes,
                rows,
                ofQuery,
                ofCandidate);
    try {
      return counts.stream()
          .map(each -> Arrays.stream(each.toLongs()).mapToInt(Math::toIntExact).toArray())
          .toArray(int[][]::new);
    } finally {
      counts.forEach(Tensor::close);
    }
  }

  /// By their names in `log.jsonl`: `image_to_text_recall_at_1`, `text_to_image_median_rank`, ...
  public Map<String, Double> metrics() {
    return metrics(RECALLED);
  }

  /// As above.
  ///
  /// @param recalled how many of the best count, one recall for each
  public Map<String, Double> metrics(List<Integer> recalled) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    put(metrics, "image_to_text", ofImages, recalled);
    put(metrics, "text_to_image", ofTexts, recalled);
    return metrics;
  }

  /// 95 % intervals of the recalls over resamples of the queries, among the candidates that there
  /// are: `image_to_text_recall_at_1_low`, `_high`, ...
  ///
  /// @param resamples at least 1
  public Map<String, Double> intervals(RandomKey key, int resamples) {
    return intervals(
        key,
        resamples,
        RECALLED,
        LongStream.range(0, ofImages.size()).toArray(),
        LongStream.range(0, ofTexts.size()).toArray());
  }

  /// As above, of queries that are drawn together with others of their unit: a slide, a patient.
  ///
  /// @param recalled how many of the best count
  /// @param unitsOfImages `[n]`
  /// @param unitsOfTexts `[m]`
  public Map<String, Double> intervals(
      RandomKey key,
      int resamples,
      List<Integer> recalled,
      long[] unitsOfImages,
      long[] unitsOfTexts) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    put(metrics, "image_to_text", new Resampled(ofImages, recalled, unitsOfImages), key, resamples);
    put(metrics, "text_to_image", new Resampled(ofTexts, recalled, unitsOfTexts), key, resamples);
    return metrics;
  }

  private record Resampled(Ranks ranks, List<Integer> recalled, long[] units) {
    /// Of each unit the hits at each recall, then its queries.
    List<double[]> sums() {
      Map<Long, double[]> sums = new LinkedHashMap<>();
      for (int query = 0; query < ranks.size(); query++) {
        double[] unit = sums.computeIfAbsent(units[query], _ -> new double[recalled.size() + 1]);
        for (int i = 0; i < recalled.size(); i++) {
          unit[i] += ranks.hit(query, recalled.get(i));
        }
        unit[recalled.size()]++;
      }
      return List.copyOf(sums.values());
    }
  }

  private static void put(
      Map<String, Double> metrics,
      String direction,
      Resampled resampled,
      RandomKey key,
      int resamples) {
    int queries = resampled.recalled().size();
    var bootstrap = new SumBootstrap(key, resamples, resampled.sums());
    for (int i = 0; i < queries; i++) {
      int hits = i;
      String name = direction + "_recall_at_" + resampled.recalled().get(i);
      bootstrap
          .interval(sums -> sums[hits] / sums[queries])
          .ifPresent(
              found -> {
                metrics.put(name + "_low", found.low());
                metrics.put(name + "_high", found.high());
              });
    }
  }

  private static void put(
      Map<String, Double> metrics, String direction, Ranks ranks, List<Integer> recalled) {
    recalled.forEach(k -> metrics.put(direction + "_recall_at_" + k, ranks.recall(k)));
    metrics.put(direction + "_mean_rank", ranks.meanRank());
    metrics.put(direction + "_median_rank", ranks.medianRank());
  }
}
