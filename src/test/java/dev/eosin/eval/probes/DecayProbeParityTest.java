package dev.eosin.eval.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The probe of CLIP_benchmark against torch and its search: the case `decay-probe`, of
/// scripts/record-decay-probe.py.
@Tag("parity")
class DecayProbeParityTest {
  private JsonNode recorded = new ObjectMapper().createObjectNode();

  @BeforeEach
  void read() throws IOException {
    recorded = new ObjectMapper().readTree(ParityCase.open("decay-probe").text("case.json"));
  }

  private static double[] doubles(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static double[] layer(JsonNode layer) {
    double[] matrix =
        StreamSupport.stream(layer.path("weight").spliterator(), false)
            .flatMapToDouble(row -> Arrays.stream(doubles(row)))
            .toArray();
    double[] bias = doubles(layer.path("bias"));
    double[] both = Arrays.copyOf(matrix, matrix.length + bias.length);
    System.arraycopy(bias, 0, both, matrix.length, bias.length);
    return both;
  }

  @Test
  void theGridIsNumpys() {
    double[] values = doubles(recorded.path("values"));
    assertThat(values).hasSize(97);
    for (int place = 0; place < values.length; place++) {
      assertThat(DecaySearch.value(place)).isCloseTo(values[place], within(1e-12 * values[place]));
    }
  }

  @Test
  void theSearchEndsWhereTheirsDoes() {
    JsonNode tables = recorded.path("tables");
    assertThat(tables.size()).isEqualTo(24);
    for (int number = 0; number < tables.size(); number++) {
      double[] table = doubles(tables.path(number));
      var search =
          new DecaySearch(
              decay -> table[(int) Math.round((Math.log10(decay) + 6) / 8 * (table.length - 1))]);
      assertThat(search.bestPlace())
          .as("table " + number)
          .isEqualTo(recorded.path("places").path(number).asInt());
    }
  }

  @Test
  void trainingIsTorchs() {
    double[][] vectors =
        StreamSupport.stream(recorded.path("x").spliterator(), false)
            .map(DecayProbeParityTest::doubles)
            .toArray(double[][]::new);
    int[] classes = Arrays.stream(doubles(recorded.path("y"))).mapToInt(y -> (int) y).toArray();
    var settings =
        new GradientProbe.Settings(
            recorded.path("lr").asDouble(),
            recorded.path("decay").asDouble(),
            vectors.length,
            recorded.path("updates").asLong(),
            1,
            0,
            GradientProbe.Course.COSINE);
    GradientProbe ours =
        GradientProbe.from(
            layer(recorded.path("first")),
            LogisticRegression.Rows.equal(vectors, classes, 3),
            settings,
            new RandomKey(1));
    assertThat(ours.weights()).containsExactly(layer(recorded.path("last")), within(1e-9));
  }
}
