package dev.eosin.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.group.LocalRanks;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetrievalTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final Offset<Double> ROUNDING = within(1e-12);

  /// Unit vectors in the plane, at so many degrees.
  private static float[][] at(double... degrees) {
    return Arrays.stream(degrees)
        .map(Math::toRadians)
        .mapToObj(angle -> new float[] {(float) Math.cos(angle), (float) Math.sin(angle)})
        .toArray(float[][]::new);
  }

  private static Retrieval of(float[][] images, float[][] texts, List<?> captions) {
    try (PairFeatures features = new PairFeatures(ENGINE, captions.size() + 3, images[0].length)) {
      int half = captions.size() / 2;
      add(features, images, texts, captions, 0, half);
      add(features, images, texts, captions, half, captions.size());
      return features.retrieval();
    }
  }

  private static void add(
      PairFeatures features,
      float[][] images,
      float[][] texts,
      List<?> captions,
      int from,
      int to) {
    try (Tensor image = rows(images, from, to);
        Tensor text = rows(texts, from, to)) {
      features.add(image, text, captions.subList(from, to));
    }
  }

  private static Tensor rows(float[][] all, int from, int to) {
    int e = all[0].length;
    float[] flat = new float[(to - from) * e];
    for (int row = from; row < to; row++) {
      System.arraycopy(all[row], 0, flat, (row - from) * e, e);
    }
    return ENGINE.of(flat, to - from, e);
  }

  @Test
  void aSetIsRankedAsAWhole() {
    // Batches of one pair would have a recall of 1 each.
    Retrieval found = of(at(0, 40, 80), at(45, 85, 5), List.of("a", "b", "c"));
    assertThat(found.metrics())
        .containsEntry("image_to_text_recall_at_1", 0.0)
        .containsEntry("image_to_text_recall_at_5", 1.0)
        .hasEntrySatisfying(
            "image_to_text_mean_rank", rank -> assertThat(rank).isCloseTo(8 / 3.0, ROUNDING))
        .containsEntry("image_to_text_median_rank", 3.0)
        .hasSize(10);
  }

  @Test
  void intervalsAreThoseOfTheQueries() {
    double[] angles = IntStream.range(0, 40).mapToDouble(i -> 4.5 * i).toArray();
    double[] half = IntStream.range(0, 40).mapToDouble(i -> 4.5 * (i < 20 ? i : 59 - i)).toArray();
    List<Integer> captions = IntStream.range(0, 40).boxed().toList();
    Retrieval found = of(at(angles), at(half), captions);
    assertThat(found.metrics()).containsEntry("image_to_text_recall_at_1", 0.5);
    Map<String, Double> intervals = found.intervals(new RandomKey(3), 500);
    // Of 40 pairs half of which are found, two standard errors are 0.16.
    assertThat(intervals.get("image_to_text_recall_at_1_low")).isBetween(0.25, 0.45);
    assertThat(intervals.get("image_to_text_recall_at_1_high")).isBetween(0.55, 0.75);
    assertThat(intervals).hasSize(12);
    assertThat(found.intervals(new RandomKey(3), 500)).isEqualTo(intervals);
  }

  /// The recall of a model that is the same for every input is what guessing has.
  @ParameterizedTest
  @ValueSource(ints = {2, 7, 64, 1000})
  void equalFeaturesAreAtChance(int pairs) {
    float[][] equal = new float[pairs][512];
    for (float[] row : equal) {
      Arrays.fill(row, (float) Math.sqrt(1 / 512.0));
    }
    Retrieval found = of(equal, equal, IntStream.range(0, pairs).boxed().toList());
    for (Ranks ranks : List.of(found.ofImages(), found.ofTexts())) {
      assertThat(ranks.recall(1)).isCloseTo(1.0 / pairs, within(1e-3));
      assertThat(ranks.recall(5)).isCloseTo(Math.min(1, 5.0 / pairs), within(5e-3));
      assertThat(ranks.meanRank()).isCloseTo((pairs + 1) / 2.0, within(0.01 * pairs));
    }
  }

  /// Whoever wrote the caption of another image just so is right about this one, too.
  @Test
  void captionsThatAreEqualAreEquallyRight() {
    float[][] images = at(0, 10, 90);
    float[][] texts = at(5, 5, 90);
    Retrieval different = of(images, texts, List.of("a", "b", "c"));
    assertThat(different.ofImages().recall(1)).isCloseTo((0.5 + 0.5 + 1) / 3, ROUNDING);
    Retrieval equal = of(images, texts, List.of("a", "a", "c"));
    assertThat(equal.ofImages().recall(1)).isCloseTo(1, ROUNDING);
    assertThat(equal.ofTexts().recall(1)).isCloseTo(1, ROUNDING);
    // Of the images of one caption the best counts, here the first one's.
    Retrieval farther = of(at(0, 60, 90), at(5, 5, 50), List.of("a", "a", "c"));
    assertThat(farther.ofTexts().rank(1)).isZero();
    // And chance is higher where more answers are right: two of three, two of three, one of three.
    float[][] same = at(30, 30, 30);
    assertThat(of(same, same, List.of("a", "a", "c")).ofImages().recall(1))
        .isCloseTo((2 + 2 + 1) / 9.0, ROUNDING);
  }

  /// What is reported is what open_clip's rule, with equal ones in the order of the rows, has on
  /// average over all orders of the rows.
  @Test
  void tiesAreTheMeanOverAllOrders() {
    Random random = new Random(4);
    for (int round = 0; round < 20; round++) {
      int pairs = 3 + random.nextInt(3);
      // Corners of a square: few different scores, and those exact.
      float[][] images = corners(random, pairs);
      float[][] texts = corners(random, pairs);
      List<Integer> captions = random.ints(pairs, 0, pairs).boxed().toList();
      for (int i = 0; i < pairs; i++) {
        texts[i] = texts[captions.indexOf(captions.get(i))];
      }
      Ranks ranks = of(images, texts, captions).ofImages();
      for (int k = 1; k <= 3; k++) {
        int most = k;
        assertThat(ranks.recall(k))
            .isCloseTo(mean(images, texts, captions, rank -> rank < most ? 1 : 0), ROUNDING);
      }
      assertThat(ranks.meanRank())
          .isCloseTo(mean(images, texts, captions, rank -> rank) + 1, ROUNDING);
    }
  }

  private static float[][] corners(Random random, int count) {
    return random
        .ints(count, 0, 4)
        .mapToObj(
            corner ->
                new float[] {corner % 2 == 0 ? 0 : corner - 2, corner % 2 == 1 ? 0 : corner - 1})
        .toArray(float[][]::new);
  }

  private static double mean(
      float[][] images, float[][] texts, List<Integer> captions, ToDoubleFunction<Integer> of) {
    List<List<Integer>> orders = permutations(images.length);
    double sum = 0;
    for (List<Integer> order : orders) {
      for (int image = 0; image < images.length; image++) {
        float[] query = images[image];
        List<Integer> ranking = new ArrayList<>(order);
        ranking.sort((a, b) -> Double.compare(dot(query, texts[b]), dot(query, texts[a])));
        int caption = captions.get(image);
        int rank = 0;
        while (captions.get(ranking.get(rank)) != caption) {
          rank++;
        }
        sum += of.applyAsDouble(rank);
      }
    }
    return sum / orders.size() / images.length;
  }

  private static double dot(float[] a, float[] b) {
    return (double) a[0] * b[0] + (double) a[1] * b[1] + 0.0; // no negative zero
  }

  private static List<List<Integer>> permutations(int size) {
    List<List<Integer>> all = new ArrayList<>(List.of(List.of()));
    for (int next = 0; next < size; next++) {
      List<List<Integer>> longer = new ArrayList<>();
      for (List<Integer> one : all) {
        for (int place = 0; place <= one.size(); place++) {
          List<Integer> with = new ArrayList<>(one);
          with.add(place, next);
          longer.add(with);
        }
      }
      all = longer;
    }
    return all;
  }

  @Test
  void theOrderOfThePairsDoesNotMatter() {
    Random random = new Random(9);
    int pairs = 50;
    List<Integer> order = new ArrayList<>(IntStream.range(0, pairs).boxed().toList());
    float[][] images = unit(random, pairs);
    float[][] texts = unit(random, pairs);
    List<Integer> captions = random.ints(pairs, 0, 30).boxed().toList();
    Map<String, Double> before = of(images, texts, captions).metrics();
    Collections.shuffle(order, random);
    Map<String, Double> after =
        of(
                order.stream().map(i -> images[i]).toArray(float[][]::new),
                order.stream().map(i -> texts[i]).toArray(float[][]::new),
                order.stream().map(captions::get).toList())
            .metrics();
    before.forEach(
        (name, value) -> assertThat(after.get(name)).as(name).isCloseTo(value, ROUNDING));
  }

  private static float[][] unit(Random random, int count) {
    return at(random.doubles(count, 0, 360).toArray());
  }

  /// The last block is shorter than the others.
  @ParameterizedTest
  @ValueSource(longs = {1, 7, 22, 64})
  void blocksOfAnySizeGiveTheSame(long rows) {
    Random random = new Random(2);
    int queries = 22;
    int candidates = 31;
    float[] x = flat(random, queries);
    float[] y = flat(random, candidates);
    long[] wanted = random.longs(queries, 0, 9).toArray();
    long[] classes = LongStream.concat(LongStream.range(0, 9), random.longs(22, 0, 9)).toArray();
    try (Tensor q = ENGINE.of(x, queries, 2);
        Tensor c = ENGINE.of(y, candidates, 2);
        Tensor ofQueries = ENGINE.of(wanted, queries);
        Tensor ofCandidates = ENGINE.of(classes, candidates)) {
      List<Tensor> counts =
          ENGINE.kernels().list("retrieval_ranks", q, c, ofQueries, ofCandidates, rows);
      Ranks ranks =
          Ranks.of(
              counts.stream()
                  .map(each -> Arrays.stream(each.toLongs()).mapToInt(Math::toIntExact).toArray())
                  .toArray(int[][]::new));
      counts.forEach(Tensor::close);
      for (int i = 0; i < queries; i++) {
        float[] query = {x[2 * i], x[2 * i + 1]};
        double[] scores = new double[candidates];
        Arrays.setAll(scores, j -> dot(query, new float[] {y[2 * j], y[2 * j + 1]}));
        long wish = wanted[i];
        double best =
            IntStream.range(0, candidates)
                .filter(j -> classes[j] == wish)
                .mapToDouble(j -> scores[j])
                .max()
                .orElseThrow();
        assertThat(ranks.rank(i))
            .isEqualTo(Arrays.stream(scores).filter(score -> score > best + 1e-9).count());
      }
    }
  }

  private static float[] flat(Random random, int count) {
    float[] flat = new float[2 * count];
    float[][] rows = unit(random, count);
    for (int i = 0; i < count; i++) {
      System.arraycopy(rows[i], 0, flat, 2 * i, 2);
    }
    return flat;
  }

  @Test
  void whatCannotBeRankedIsRefused() {
    float[][] broken = at(0, 90, 45);
    broken[2][1] = Float.NaN;
    List<String> captions = List.of("a", "b", "c");
    for (List<float[][]> pair :
        List.of(List.of(broken, at(0, 90, 45)), List.of(at(1, 2, 3), broken))) {
      assertThatThrownBy(() -> of(pair.get(0), pair.get(1), captions))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("infinite or NaN");
    }
    try (Tensor two = ENGINE.of(new float[] {1, 0, 0, 1}, 2, 2)) {
      assertThatThrownBy(() -> Retrieval.of(two, two, new long[2], new long[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("classes of 2 and 3");
      assertThatThrownBy(() -> Retrieval.of(two, two, new long[] {0, 1}, new long[] {0, 0}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a query has no right answer");
    }
  }

  /// Three vectors an image, against scores computed one by one.
  @Test
  void ofSeveralVectorsTheNearestCounts() {
    double[][] vectors = {{0, 120, 200}, {40, 300, 170}, {95, 250, 10}, {330, 60, 140}};
    double[] texts = {118, 42, 12, 329};
    float[][] images = at(Arrays.stream(vectors).flatMapToDouble(Arrays::stream).toArray());
    try (PairFeatures features = new PairFeatures(ENGINE, 6, 2, 3);
        Tensor image = rows(images, 0, images.length);
        Tensor text = rows(at(texts), 0, texts.length)) {
      features.add(image, text, List.of("a", "b", "c", "d"));
      Map<String, Double> found = features.retrieval().metrics();
      assertThat(found.get("image_to_text_mean_rank"))
          .isEqualTo(meanRank((i, j) -> score(vectors[i], texts[j])));
      assertThat(found.get("text_to_image_mean_rank"))
          .isEqualTo(meanRank((i, j) -> score(vectors[j], texts[i])));
    }
  }

  private static double score(double[] vectors, double text) {
    return Arrays.stream(vectors)
        .map(angle -> Math.cos(Math.toRadians(angle - text)))
        .max()
        .orElseThrow();
  }

  private static double meanRank(BinaryOperatorOfIndices score) {
    double sum = 0;
    for (int query = 0; query < 4; query++) {
      for (int other = 0; other < 4; other++) {
        sum += score.of(query, other) > score.of(query, query) ? 1 : 0;
      }
    }
    return sum / 4 + 1;
  }

  private interface BinaryOperatorOfIndices {
    double of(int query, int candidate);
  }

  /// Five blocks of queries in each direction, the last one shorter.
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void ranksThatShareTheQueriesFindTheSame(int ranks) throws Exception {
    int images = 300;
    int texts = 33_000;
    long[] ofTexts = IntStream.range(0, texts).mapToLong(text -> text % images).toArray();
    for (int v : new int[] {1, 2}) {
      Random random = new Random(v);
      float[] x = flat(random, images * v);
      float[] y = flat(random, texts);
      List<Retrieval> found =
          LocalRanks.run(
              ranks,
              group -> {
                Engine engine = Engine.start(Device.CPU, 2);
                try (Tensor q = engine.of(x, images * v, 2);
                    Tensor c = engine.of(y, texts, 2)) {
                  long[] own = LongStream.range(0, images).toArray();
                  return Retrieval.of(group, q, v, c, own, ofTexts);
                }
              });
      try (Tensor q = ENGINE.of(x, images * v, 2);
          Tensor c = ENGINE.of(y, texts, 2)) {
        Retrieval alone = Retrieval.of(q, v, c, LongStream.range(0, images).toArray(), ofTexts);
        assertThat(found)
            .hasSize(ranks)
            .allSatisfy(each -> assertThat(each).usingRecursiveComparison().isEqualTo(alone));
      }
    }
  }
}
