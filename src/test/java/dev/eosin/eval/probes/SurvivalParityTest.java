package dev.eosin.eval.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.eval.probes.Concordance.Survival;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Cox regression and the c-index against sums written out pair by pair, with many tied times;
/// grades against scikit-learn's Ridge. scripts/record-survival.py made the numbers.
@Tag("parity")
class SurvivalParityTest {
  private JsonNode recorded = new ObjectMapper().createObjectNode();
  private double[][] vectors = {};
  private Survival[] rows = {};

  @BeforeEach
  void read() throws IOException {
    recorded = new ObjectMapper().readTree(ParityCase.open("survival").text("case.json"));
    vectors =
        StreamSupport.stream(recorded.path("x").spliterator(), false)
            .map(SurvivalParityTest::doubles)
            .toArray(double[][]::new);
    double[] times = doubles(recorded.path("time"));
    double[] events = doubles(recorded.path("event"));
    rows =
        IntStream.range(0, times.length)
            .mapToObj(i -> new Survival(times[i], events[i] == 1))
            .toArray(Survival[]::new);
  }

  private static double[] doubles(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  @Test
  void hazardsAreThoseOfTheWrittenOutLikelihood() {
    assertThat(recorded.path("cox").size()).isEqualTo(3);
    for (Map.Entry<String, JsonNode> each : recorded.path("cox").properties()) {
      CoxRegression fitted =
          CoxRegression.fit(vectors, rows, Double.parseDouble(each.getKey()), 1e-10);
      assertThat(fitted.converged()).isTrue();
      assertThat(fitted.coefficients())
          .containsExactly(doubles(each.getValue().path("coef")), within(1e-6));
      double objective = each.getValue().path("objective").asDouble();
      assertThat(fitted.objective()).isCloseTo(objective, within(1e-9 * objective));
      double[] risks = Arrays.stream(vectors).mapToDouble(fitted::risk).toArray();
      assertThat(Concordance.of(risks, rows).orElseThrow())
          .isCloseTo(each.getValue().path("c_index").asDouble(), within(1e-9));
    }
  }

  @Test
  void elasticNetsAreThoseOfTheWrittenOutLikelihood() {
    JsonNode nets = recorded.path("elastic_net");
    assertThat(nets.size()).isEqualTo(5);
    for (JsonNode each : nets) {
      CoxRegression fitted =
          CoxRegression.elasticNet(
              vectors,
              rows,
              each.path("alpha").asDouble(),
              each.path("l1_ratio").asDouble(),
              1e-10);
      assertThat(fitted.converged()).isTrue();
      double[] theirs = doubles(each.path("coef"));
      assertThat(fitted.coefficients()).containsExactly(theirs, within(1e-6));
      double objective = each.path("objective").asDouble();
      assertThat(fitted.objective()).isCloseTo(objective, within(1e-10 * objective));
      assertThat(fitted.taken())
          .isEqualTo(Arrays.stream(theirs).filter(w -> Math.abs(w) > 1e-6).count());
      double[] risks = Arrays.stream(vectors).mapToDouble(fitted::risk).toArray();
      assertThat(Concordance.of(risks, rows).orElseThrow())
          .isCloseTo(each.path("c_index").asDouble(), within(1e-9));
    }
  }

  @Test
  void aNetThatTakesNothingTellsNobodyApart() {
    CoxRegression fitted = CoxRegression.elasticNet(vectors, rows, 100, 0.5, 1e-7);
    assertThat(fitted.converged()).isTrue();
    assertThat(fitted.taken()).isZero();
    double[] risks = Arrays.stream(vectors).mapToDouble(fitted::risk).toArray();
    assertThat(Concordance.of(risks, rows)).hasValue(0.5);
  }

  @Test
  void featuresOfAnySizeEnd() {
    for (double size : new double[] {1e-6, 1e3, 1e6}) {
      double[][] scaled =
          Arrays.stream(vectors)
              .map(row -> Arrays.stream(row).map(x -> x * size).toArray())
              .toArray(double[][]::new);
      CoxRegression net = CoxRegression.elasticNet(scaled, rows, 0.02, 0.5, 1e-7);
      CoxRegression ridge = CoxRegression.fit(scaled, rows, 1, 1e-7);
      for (CoxRegression fitted : new CoxRegression[] {net, ridge}) {
        assertThat(fitted.objective()).as("size " + size).isFinite();
        assertThat(fitted.coefficients()).doesNotContain(Double.NaN);
      }
      // Large features need hardly any of what their coefficients cost.
      double[] risks = Arrays.stream(scaled).mapToDouble(net::risk).toArray();
      assertThat(Concordance.of(risks, rows).orElseThrow())
          .as("size " + size)
          .isGreaterThanOrEqualTo(0.5);
    }
  }

  @Test
  void tiedRisksCountHalf() {
    double[] rounded = Arrays.stream(vectors).mapToDouble(row -> Math.rint(row[0])).toArray();
    assertThat(Concordance.of(rounded, rows).orElseThrow())
        .isCloseTo(recorded.path("c_index_of_rounded").asDouble(), within(1e-9));
  }

  @Test
  void whoCannotBeComparedHasNoIndex() {
    Survival[] censored = {new Survival(1, false), new Survival(2, false)};
    assertThat(Concordance.of(new double[] {1, 2}, censored)).isEmpty();
    Survival[] same = {new Survival(1, true), new Survival(1, true)};
    assertThat(Concordance.of(new double[] {1, 2}, same)).isEmpty();
    assertThatThrownBy(() -> CoxRegression.fit(new double[][] {{1}, {2}}, censored, 1, 1e-6))
        .hasMessageContaining("no row is an event");
    assertThatThrownBy(() -> new Survival(-1, true)).hasMessageContaining("at least 0");
  }

  @Test
  void gradesAreScikitLearnsRidge() {
    double[] grades = doubles(recorded.path("grades"));
    assertThat(recorded.path("ridge").size()).isEqualTo(3);
    for (Map.Entry<String, JsonNode> each : recorded.path("ridge").properties()) {
      RidgeRegression fitted =
          RidgeRegression.fit(vectors, grades, 1 / Double.parseDouble(each.getKey()));
      assertThat(fitted.coefficients())
          .containsExactly(doubles(each.getValue().path("coef")), within(1e-9));
      assertThat(fitted.intercept())
          .isCloseTo(each.getValue().path("intercept").asDouble(), within(1e-9));
    }
  }
}
