package dev.eosin.eval.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import dev.eosin.eval.ConfusionMatrix;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;
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

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  private static double[][] rows(SafetensorsFile file, String name) throws DataException {
    double[] values = file.entry(name).doubles();
    int width = Math.toIntExact(file.header(name).shape().getLast());
    return IntStream.range(0, values.length / width)
        .mapToObj(row -> Arrays.copyOfRange(values, row * width, (row + 1) * width))
        .toArray(double[][]::new);
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
    return Arrays.stream(probabilities).mapToInt(LayerProbe::largest).toArray();
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
  void areasUnderCurvesOfResamplesAreScikitLearns() throws IOException {
    try (SafetensorsFile inputs = SafetensorsFile.open(parity.file("inputs.safetensors"));
        SafetensorsFile expected = SafetensorsFile.open(parity.file("expected.safetensors"))) {
      int[] truth = ints(inputs.longs("boot.labels"));
      int[] drawn = ints(inputs.longs("boot.indices"));
      for (String model : new String[] {"a", "b"}) {
        double[][] scores = rows(inputs, "boot.proba_" + model);
        AreaUnderCurve[] curves =
            IntStream.range(0, scores[0].length)
                .mapToObj(label -> LayerProbe.curve(scores, truth, label))
                .toArray(AreaUnderCurve[]::new);
        int[] once = new int[truth.length];
        Arrays.fill(once, 1);
        assertThat(LayerProbe.mean(curves, once).orElseThrow())
            .isCloseTo(
                metrics.path("bootstrap").path("auc_macro").path(model).asDouble(),
                within(TOLERANCE));
        double[] theirs = expected.entry("boot.auc_macro." + model).doubles();
        for (int resample = 0; resample < theirs.length; resample++) {
          int[] times = new int[truth.length];
          for (int i = 0; i < truth.length; i++) {
            times[drawn[resample * truth.length + i]]++;
          }
          assertThat(LayerProbe.mean(curves, times).orElseThrow())
              .isCloseTo(theirs[resample], within(TOLERANCE));
        }
      }
    }
  }

  @Test
  void aCurveOfOneClassHasNoArea() {
    var curve = new AreaUnderCurve(new double[] {1, 2}, new boolean[] {true, true});
    assertThat(curve.value()).isEqualTo(OptionalDouble.empty());
    var tied = new AreaUnderCurve(new double[] {1, 1, 0}, new boolean[] {true, false, false});
    assertThat(tied.value()).hasValue(0.75);
  }
}
