package dev.eosin.eval.probes;

import static dev.eosin.eval.probes.RecordedProbes.ints;
import static dev.eosin.eval.probes.RecordedProbes.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.eval.ConfusionMatrix.Disagreement;
import dev.eosin.eval.Interval;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Figures of predictions, their areas under curves, resamples, intervals and differences against
/// scikit-learn.
@Tag("parity")
class FiguresParityTest {
  private static final double TOLERANCE = 1e-9;

  private static JsonNode metrics = new ObjectMapper().createObjectNode();

  private final ParityCase parity = ParityCase.open("probes");

  @BeforeAll
  static void read() throws IOException {
    metrics = new ObjectMapper().readTree(ParityCase.open("probes").text("metrics.json"));
  }

  @Test
  void areasUnderCurvesOfResamplesAreScikitLearns() throws IOException {
    try (SafetensorsFile inputs = SafetensorsFile.open(parity.file("inputs.safetensors"));
        SafetensorsFile expected = SafetensorsFile.open(parity.file("expected.safetensors"))) {
      int[] truth = ints(inputs.longs("boot.labels"));
      int[] drawn = ints(inputs.longs("boot.indices"));
      for (String model : new String[] {"a", "b"}) {
        double[][] scores = rows(inputs, "boot.proba_" + model);
        var area = new MacroArea(scores, truth);
        int[] once = new int[truth.length];
        Arrays.fill(once, 1);
        assertThat(area.meanOfDefined(once).orElseThrow())
            .isCloseTo(
                metrics.path("bootstrap").path("auc_macro").path(model).asDouble(),
                within(TOLERANCE));
        double[] theirs = expected.entry("boot.auc_macro." + model).doubles();
        for (int resample = 0; resample < theirs.length; resample++) {
          int[] times = new int[truth.length];
          for (int i = 0; i < truth.length; i++) {
            times[drawn[resample * truth.length + i]]++;
          }
          assertThat(area.meanOfDefined(times).orElseThrow())
              .isCloseTo(theirs[resample], within(TOLERANCE));
        }
      }
    }
  }

  @Test
  void resamplesIntervalsAndPairedDifferencesAreTheRecordedOnes() throws IOException {
    try (SafetensorsFile inputs = SafetensorsFile.open(parity.file("inputs.safetensors"));
        SafetensorsFile expected = SafetensorsFile.open(parity.file("expected.safetensors"))) {
      int[] truth = ints(inputs.longs("boot.labels"));
      var a = new LabelScores(rows(inputs, "boot.proba_a"), truth);
      var b = new LabelScores(rows(inputs, "boot.proba_b"), truth);
      int[][] rowTimes = times(ints(inputs.longs("boot.indices")), truth.length, truth.length);
      int[][] groupTimes = groupTimes(inputs);
      for (String name : List.of("accuracy", "f1_weighted", "auc_macro")) {
        int at = a.names().indexOf(name);
        double[] ofA = Arrays.stream(rowTimes).mapToDouble(t -> a.of(t)[at]).toArray();
        double[] ofB = Arrays.stream(rowTimes).mapToDouble(t -> b.of(t)[at]).toArray();
        double[] byGroup = Arrays.stream(groupTimes).mapToDouble(t -> a.of(t)[at]).toArray();
        assertThat(ofA).containsExactly(drawn(expected, name, "a"), within(TOLERANCE));
        assertThat(ofB).containsExactly(drawn(expected, name, "b"), within(TOLERANCE));
        assertThat(byGroup).containsExactly(drawn(expected, name, "group_a"), within(TOLERANCE));
        JsonNode theirs = metrics.path("bootstrap").path(name);
        assertInterval(Interval.of(ofA), theirs.path("ci_a"));
        assertInterval(Interval.of(ofB), theirs.path("ci_b"));
        assertInterval(Interval.of(byGroup), theirs.path("ci_a_by_group"));
        assertThat(Spread.of(ofA).deviation())
            .isCloseTo(theirs.path("standard_error_a").asDouble(), within(TOLERANCE));
        double difference =
            Objects.requireNonNull(a.values().get(name))
                - Objects.requireNonNull(b.values().get(name));
        assertThat(difference).isCloseTo(theirs.path("difference").asDouble(), within(TOLERANCE));
        Difference paired = Difference.of(difference, ofA, ofB);
        assertInterval(paired.interval().orElseThrow(), theirs.path("ci_difference_paired"));
        // The recorded p is twice a bare share of the resamples; ours counts one more.
        double share = theirs.path("p_paired").asDouble();
        double ours = Math.min(1, (share * ofA.length + 2) / (ofA.length + 1));
        assertThat(paired.p()).isCloseTo(ours, within(TOLERANCE));
      }
    }
  }

  @Test
  void noNumberOfResamplesShowsADifferenceForCertain() {
    double[] better = {0.9, 0.8, 0.9};
    double[] worse = {0.5, 0.5, 0.6};
    assertThat(Difference.of(0.3, better, worse).p()).isEqualTo(2.0 / 4);
    assertThat(Difference.of(0.3, new double[1999], new double[1999]).p()).isEqualTo(1);
  }

  private static void assertInterval(Interval found, JsonNode theirs) {
    assertThat(found.low()).isCloseTo(theirs.get(0).asDouble(), within(TOLERANCE));
    assertThat(found.high()).isCloseTo(theirs.get(1).asDouble(), within(TOLERANCE));
  }

  private static double[] drawn(SafetensorsFile expected, String name, String of)
      throws DataException {
    return expected.entry("boot.%s.%s".formatted(name, of)).doubles();
  }

  private static int[][] times(int[] drawn, int units, int each) {
    int[][] times = new int[drawn.length / each][units];
    for (int i = 0; i < drawn.length; i++) {
      times[i / each][drawn[i]]++;
    }
    return times;
  }

  private static int[][] groupTimes(SafetensorsFile inputs) throws IOException {
    int[] groups = ints(inputs.longs("boot.group"));
    int[] distinct = Arrays.stream(groups).distinct().sorted().toArray();
    int each = Math.toIntExact(inputs.header("boot.group_indices").shape().getLast());
    int[][] drawn = times(ints(inputs.longs("boot.group_indices")), distinct.length, each);
    return Arrays.stream(drawn)
        .map(
            times ->
                Arrays.stream(groups)
                    .map(group -> times[Arrays.binarySearch(distinct, group)])
                    .toArray())
        .toArray(int[][]::new);
  }

  @Test
  void absentClassesFollowTheRecordedRules() throws IOException {
    for (JsonNode theirs : metrics.path("absent")) {
      int count = theirs.path("classes").asInt();
      int[] truth = ints(theirs.path("y_true"));
      ConfusionMatrix confusion = ConfusionMatrix.of(truth, ints(theirs.path("y_pred")), count);
      assertFigure(confusion.top1(), theirs.path("accuracy"));
      assertFigure(confusion.f1Weighted(), theirs.path("f1_weighted"));
      assertFigure(confusion.f1Macro(), theirs.path("f1_macro_seen"));
      double all = IntStream.range(0, count).mapToDouble(confusion::f1).sum() / count;
      assertFigure(all, theirs.path("f1_macro_all"));
      assertFigure(confusion.balancedAccuracy(), theirs.path("balanced_accuracy"));
      assertFigure(confusion.kappa(Disagreement.EQUAL), theirs.path("kappa"));
      assertFigure(confusion.kappa(Disagreement.QUADRATIC), theirs.path("kappa_quadratic_seen"));
      assertFigure(confusion.gradeKappa(), theirs.path("kappa_quadratic_all"));
      double[][] scores =
          StreamSupport.stream(theirs.path("scores").spliterator(), false)
              .map(
                  row ->
                      StreamSupport.stream(row.spliterator(), false)
                          .mapToDouble(JsonNode::asDouble)
                          .toArray())
              .toArray(double[][]::new);
      var area = new MacroArea(scores, truth);
      for (int label = 0; label < count; label++) {
        assertFigure(
            area.areas().get(label).orElse(Double.NaN), theirs.path("auc_per_class").get(label));
      }
      int[] once = new int[truth.length];
      Arrays.fill(once, 1);
      assertFigure(area.meanOfDefined(once).orElse(Double.NaN), theirs.path("auc_macro_defined"));
    }
  }

  private static void assertFigure(double found, JsonNode theirs) {
    if (theirs.isNull()) {
      assertThat(found).isNaN();
    } else {
      assertThat(found).isCloseTo(theirs.asDouble(), within(TOLERANCE));
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
