package dev.eosin.eval.probes;

import static dev.eosin.eval.probes.RecordedProbes.ints;
import static dev.eosin.eval.probes.RecordedProbes.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Probes against scikit-learn.
@Tag("parity")
class ProbesParityTest {
  private static final double TOLERANCE = 1e-9;
  private static final double COEFFICIENTS = 1e-3;
  private static final double OBJECTIVE = 1e-6;

  /// Of probabilities, which are looser where hardly anything holds the coefficients.
  private static final double PROBABILITIES = 1e-4;

  private static final double LOOSE_PROBABILITIES = 1e-3;
  private static final double LOOSE_C = 10;

  private static JsonNode metrics = new ObjectMapper().createObjectNode();
  private static double[][] vectors = {};
  private static int[] labels = {};
  private static int classes;

  private final ParityCase parity = ParityCase.open("probes");

  @BeforeAll
  static void read() throws IOException {
    ParityCase parity = ParityCase.open("probes");
    metrics = new ObjectMapper().readTree(parity.text("metrics.json"));
    try (SafetensorsFile inputs = SafetensorsFile.open(parity.file("inputs.safetensors"))) {
      vectors = rows(inputs, "features");
      labels = ints(inputs.longs("labels"));
      classes = Arrays.stream(labels).max().orElseThrow() + 1;
    }
  }

  private static int[] part(String name) {
    JsonNode range = metrics.path("split").path(name);
    return IntStream.range(range.get(0).asInt(), range.get(1).asInt()).toArray();
  }

  private static double[][] vectors(String part) {
    return Arrays.stream(part(part)).mapToObj(row -> vectors[row]).toArray(double[][]::new);
  }

  private static int[] labels(String part) {
    return Arrays.stream(part(part)).map(row -> labels[row]).toArray();
  }

  private static double[][] probabilities(LogisticRegression fitted, String part) {
    return Arrays.stream(vectors(part)).map(fitted::probabilities).toArray(double[][]::new);
  }

  private static int[] predicted(double[][] probabilities) {
    return Arrays.stream(probabilities).mapToInt(LabelScores::largest).toArray();
  }

  private static ConfusionMatrix confusion(LogisticRegression fitted, String part) {
    return ConfusionMatrix.of(labels(part), predicted(probabilities(fitted, part)), classes);
  }

  private void assertSame(String name, double[][] found, double tolerance) throws IOException {
    try (SafetensorsFile expected = SafetensorsFile.open(parity.file("expected.safetensors"))) {
      double[][] theirs =
          expected.header(name).shape().size() == 1
              ? new double[][] {expected.entry(name).doubles()}
              : rows(expected, name);
      assertThat(found).hasDimensions(theirs.length, theirs[0].length);
      for (int row = 0; row < theirs.length; row++) {
        assertThat(found[row]).as(name).containsExactly(theirs[row], within(tolerance));
      }
    }
  }

  @Test
  void coefficientsProbabilitiesAndMetricsAreScikitLearns() throws IOException {
    double best = 0;
    double bestC = 0;
    for (Map.Entry<String, JsonNode> entry : metrics.path("lbfgs").properties()) {
      if (!entry.getValue().isObject()) {
        continue;
      }
      String c = entry.getKey();
      JsonNode theirs = entry.getValue();
      var fitted =
          LogisticRegression.fit(
              LogisticRegression.Rows.equal(vectors("train"), labels("train"), classes),
              Double.parseDouble(c),
              1e-9);
      assertThat(fitted.converged()).isTrue();
      assertSame("lbfgs.C%s.coef".formatted(c), fitted.coefficients(), COEFFICIENTS);
      assertSame(
          "lbfgs.C%s.intercept".formatted(c), new double[][] {fitted.intercepts()}, COEFFICIENTS);
      double tolerance = Double.parseDouble(c) <= LOOSE_C ? PROBABILITIES : LOOSE_PROBABILITIES;
      assertSame("lbfgs.C%s.test_proba".formatted(c), probabilities(fitted, "test"), tolerance);
      double objective = theirs.path("objective").asDouble();
      assertThat(fitted.objective()).isCloseTo(objective, within(OBJECTIVE * objective));
      double validation = confusion(fitted, "validation").top1();
      assertThat(validation)
          .isCloseTo(theirs.path("validation_accuracy").asDouble(), within(TOLERANCE));
      ConfusionMatrix test = confusion(fitted, "test");
      assertThat(test.top1()).isCloseTo(theirs.path("test_accuracy").asDouble(), within(TOLERANCE));
      assertThat(test.f1Weighted())
          .isCloseTo(theirs.path("test_f1_weighted").asDouble(), within(TOLERANCE));
      if (validation > best) {
        best = validation;
        bestC = Double.parseDouble(c);
      }
    }
    assertThat(bestC).isEqualTo(metrics.path("lbfgs").path("best_C_first_of_equals").asDouble());
  }

  @Test
  void balancedAndBinaryFitsAreScikitLearns() throws IOException {
    JsonNode theirs = metrics.path("balanced");
    LogisticRegression.Rows rows =
        LogisticRegression.Rows.balanced(vectors("train"), labels("train"), classes);
    for (int row = 0; row < rows.classes().length; row++) {
      String label = Integer.toString(rows.classes()[row]);
      assertThat(rows.weights()[row])
          .isCloseTo(theirs.path("class_weight").path(label).asDouble(), within(TOLERANCE));
    }
    var balanced = LogisticRegression.fit(rows, theirs.path("C").asDouble(), 1e-9);
    assertSame("balanced.coef", balanced.coefficients(), COEFFICIENTS);
    assertSame("balanced.intercept", new double[][] {balanced.intercepts()}, COEFFICIENTS);
    assertSame("balanced.test_proba", probabilities(balanced, "test"), PROBABILITIES);
    assertThat(confusion(balanced, "test").top1())
        .isCloseTo(theirs.path("test_accuracy").asDouble(), within(TOLERANCE));
    int[] zero = Arrays.stream(labels("train")).map(label -> label == 0 ? 1 : 0).toArray();
    var binary =
        LogisticRegression.fit(LogisticRegression.Rows.equal(vectors("train"), zero, 2), 1, 1e-9);
    assertSame("binary.coef", binary.coefficients(), COEFFICIENTS);
    assertSame("binary.intercept", new double[][] {binary.intercepts()}, COEFFICIENTS);
    double[] decisions =
        Arrays.stream(probabilities(binary, "test"))
            .mapToDouble(each -> Math.log(each[1] / each[0]))
            .toArray();
    assertSame("binary.test_decision", new double[][] {decisions}, 5 * COEFFICIENTS);
  }

  @Test
  void stochasticDescentComesCloseToTheMinimum() throws IOException {
    try (SafetensorsFile expected = SafetensorsFile.open(parity.file("expected.safetensors"))) {
      for (Map.Entry<String, JsonNode> entry : metrics.path("sgd_optimum").properties()) {
        double alpha = Double.parseDouble(entry.getKey());
        double[][] train = vectors("train");
        int[] truth = labels("train");
        var fitted =
            StochasticLogistic.fit(
                LogisticRegression.Rows.equal(train, truth, classes),
                new StochasticLogistic.Settings(alpha, 10_000, OptionalDouble.empty(), false),
                new RandomKey(1));
        for (int label = 0; label < classes; label++) {
          double minimum = entry.getValue().path("objective_per_class").get(label).asDouble();
          double reached = objective(fitted, train, truth, label, alpha);
          assertThat(reached)
              .as("alpha %s, class %d", alpha, label)
              .isBetween(minimum - TOLERANCE, 1.02 * minimum);
        }
        double[][] theirs = rows(expected, "sgd.alpha%s.coef".formatted(entry.getKey()));
        assertThat(fitted.coefficients()).hasDimensions(theirs.length, theirs[0].length);
        double[][] scores =
            Arrays.stream(vectors("test")).map(fitted::scores).toArray(double[][]::new);
        assertThat(new LabelScores(scores, labels("test")).confusion().top1())
            .isCloseTo(entry.getValue().path("test_accuracy").asDouble(), within(0.05));
      }
    }
  }

  private static double objective(
      StochasticLogistic fitted, double[][] train, int[] truth, int label, double alpha) {
    double sum = 0;
    for (int row = 0; row < train.length; row++) {
      double score = fitted.scores(train[row])[label];
      sum += Math.log1p(Math.exp(truth[row] == label ? -score : score)) / train.length;
    }
    return sum + alpha / 2 * Arrays.stream(fitted.coefficients()[label]).map(w -> w * w).sum();
  }

  @Test
  void nearestNeighboursAreScikitLearns() throws IOException {
    int[] k = {1, 5, 20};
    var neighbours = new NearestNeighbours(vectors("train"), labels("train"), classes);
    for (NearestNeighbours.Votes votes : NearestNeighbours.Votes.values()) {
      double[][][] shares = neighbours.shares(vectors("test"), k, votes);
      for (int i = 0; i < k.length; i++) {
        String way = votes.name().toLowerCase(Locale.ROOT);
        int[] found = predicted(shares[i]);
        if (votes == NearestNeighbours.Votes.SOFTMAX) {
          assertSame("knn.k%d.softmax.scores".formatted(k[i]), shares[i], 1e-6);
        } else {
          try (SafetensorsFile expected =
              SafetensorsFile.open(parity.file("expected.safetensors"))) {
            String name = "knn.k%d.%s.pred".formatted(k[i], way);
            assertThat(found).as(name).isEqualTo(ints(expected.longs(name)));
          }
        }
        assertThat(ConfusionMatrix.of(labels("test"), found, classes).top1())
            .isCloseTo(
                metrics.path("knn").path("k%d_%s".formatted(k[i], way)).asDouble(),
                within(TOLERANCE));
      }
    }
  }

  @Test
  void aNeighbourAtNoDistanceTakesAllVotes() {
    double[][] known = {{1, 0}, {1, 0.1}, {1, 0.1}};
    double[][][] shares =
        new NearestNeighbours(known, new int[] {0, 1, 1}, 2)
            .shares(new double[][] {{2, 0}}, new int[] {3}, NearestNeighbours.Votes.DISTANCE);
    assertThat(shares[0][0]).containsExactly(1, 0);
  }

  @Test
  void fewShotsAreLearntFromAsScikitLearnDoes() {
    Map<String, List<Double>> regressions = new TreeMap<>();
    Map<String, List<Double>> prototypes = new TreeMap<>();
    for (JsonNode draw : metrics.path("few_shot")) {
      int[] rows = ints(draw.path("indices"));
      double[][] train = Arrays.stream(rows).mapToObj(r -> vectors[r]).toArray(double[][]::new);
      int[] truth = Arrays.stream(rows).map(row -> labels[row]).toArray();
      var fitted =
          LogisticRegression.fit(LogisticRegression.Rows.equal(train, truth, classes), 1, 1e-9);
      double accuracy = confusion(fitted, "test").top1();
      assertThat(accuracy).isCloseTo(draw.path("lbfgs_C1_accuracy").asDouble(), within(TOLERANCE));
      double[][] cosines = new Prototypes(train, truth, classes).cosines(vectors("test"));
      double nearest = new LabelScores(cosines, labels("test")).confusion().top1();
      assertThat(nearest).isCloseTo(draw.path("prototype_accuracy").asDouble(), within(TOLERANCE));
      String shots = draw.path("shots").asText();
      regressions.computeIfAbsent(shots, s -> new ArrayList<>()).add(accuracy);
      prototypes.computeIfAbsent(shots, s -> new ArrayList<>()).add(nearest);
    }
    assertThat(regressions.keySet())
        .containsExactlyInAnyOrderElementsOf(
            metrics.path("few_shot_summary").propertyStream().map(Map.Entry::getKey).toList());
    regressions.forEach((s, values) -> assertSpread(values, s, "lbfgs_C1_accuracy"));
    prototypes.forEach((s, values) -> assertSpread(values, s, "prototype_accuracy"));
  }

  private static void assertSpread(List<Double> values, String shots, String name) {
    JsonNode theirs = metrics.path("few_shot_summary").path(shots).path(name);
    Spread spread = Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    assertThat(spread.mean()).isCloseTo(theirs.path("mean").asDouble(), within(TOLERANCE));
    assertThat(spread.deviation()).isCloseTo(theirs.path("sd").asDouble(), within(TOLERANCE));
    assertThat(spread.min()).isCloseTo(theirs.path("min").asDouble(), within(TOLERANCE));
    assertThat(spread.max()).isCloseTo(theirs.path("max").asDouble(), within(TOLERANCE));
  }

  @Test
  void fewShotsAreOfEveryClassAndTheirOwn() {
    int[] rows = part("train");
    int[] drawn = FewShots.draw(new RandomKey(7), rows, labels, classes, 4, 0);
    assertThat(drawn).hasSize(4 * classes).doesNotHaveDuplicates();
    assertThat(Arrays.stream(rows).boxed().toList())
        .containsAll(Arrays.stream(drawn).boxed().toList());
    for (int label = 0; label < classes; label++) {
      int wanted = label;
      assertThat(Arrays.stream(drawn).filter(row -> labels[row] == wanted).count()).isEqualTo(4);
    }
    assertThat(FewShots.draw(new RandomKey(7), rows, labels, classes, 4, 0)).isEqualTo(drawn);
    assertThat(FewShots.draw(new RandomKey(7), rows, labels, classes, 4, 1)).isNotEqualTo(drawn);
  }

  @Test
  void tilesArePooledAsMiZeroDoes() throws IOException {
    int[] most = {1, 5, 10, 50, 100, Integer.MAX_VALUE};
    try (SafetensorsFile inputs = SafetensorsFile.open(parity.file("inputs.safetensors"));
        SafetensorsFile expected = SafetensorsFile.open(parity.file("expected.safetensors"))) {
      double[][] directions = rows(inputs, "slides.classifier");
      double[] pooled = expected.entry("slides.pooled").doubles();
      int[] predicted = ints(expected.longs("slides.pred"));
      List<float[][]> bags = bags(inputs);
      int at = 0;
      for (int slide = 0; slide < bags.size(); slide++) {
        double[][] scores =
            Arrays.stream(doubles(bags.get(slide)))
                .map(
                    tile ->
                        Arrays.stream(directions)
                            .mapToDouble(d -> LogisticRegression.dot(d, 0, tile))
                            .toArray())
                .toArray(double[][]::new);
        for (int j = 0; j < most.length; j++) {
          double[] own = TilePooling.top(scores, most[j]);
          for (double value : own) {
            assertThat(value).isCloseTo(pooled[at++], within(1e-5));
          }
          assertThat(LabelScores.largest(own)).isEqualTo(predicted[slide * most.length + j]);
        }
        assertThat(TilePooling.mean(scores))
            .containsExactly(TilePooling.top(scores, Integer.MAX_VALUE), within(1e-12));
      }
      assertThat(at).isEqualTo(pooled.length);
    }
  }

  private static double[][] doubles(float[][] rows) {
    return Arrays.stream(rows)
        .map(row -> IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray())
        .toArray(double[][]::new);
  }

  private static List<float[][]> bags(SafetensorsFile inputs) throws IOException {
    float[] tiles = inputs.floats("slides.tiles");
    int width = Math.toIntExact(inputs.header("slides.tiles").shape().getLast());
    List<float[][]> bags = new ArrayList<>();
    int at = 0;
    for (long size : inputs.longs("slides.sizes")) {
      float[][] bag = new float[(int) size][];
      for (int tile = 0; tile < bag.length; tile++, at += width) {
        bag[tile] = Arrays.copyOfRange(tiles, at, at + width);
      }
      bags.add(bag);
    }
    return bags;
  }
}
