package dev.eosin.eval.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.eval.probes.NearestNeighbours.Votes;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Votes of nearest neighbours and mean directions of classes against scikit-learn.
/// scripts/record-neighbours.py made the numbers.
@Tag("parity")
class NeighboursParityTest {
  private JsonNode recorded = new ObjectMapper().createObjectNode();
  private double[][] known = {};
  private double[][] asked = {};
  private int[] labels = {};
  private int classes;

  @BeforeEach
  void read() throws IOException {
    recorded = new ObjectMapper().readTree(ParityCase.open("neighbours").text("case.json"));
    known = rows(recorded.path("known"));
    asked = rows(recorded.path("asked"));
    labels =
        StreamSupport.stream(recorded.path("labels").spliterator(), false)
            .mapToInt(JsonNode::asInt)
            .toArray();
    classes = recorded.path("prototype_cosines").get(0).size();
  }

  private static double[][] rows(JsonNode lists) {
    return StreamSupport.stream(lists.spliterator(), false)
        .map(
            row ->
                StreamSupport.stream(row.spliterator(), false)
                    .mapToDouble(JsonNode::asDouble)
                    .toArray())
        .toArray(double[][]::new);
  }

  private static void assertSame(String name, double[][] found, JsonNode theirs) {
    double[][] expected = rows(theirs);
    assertThat(found).hasDimensions(expected.length, expected[0].length);
    for (int row = 0; row < expected.length; row++) {
      assertThat(found[row])
          .as("%s, row %d", name, row)
          .containsExactly(expected[row], within(1e-9));
    }
  }

  @Test
  void sharesOfVotesAreScikitLearns() {
    var neighbours = new NearestNeighbours(known, labels, classes);
    assertThat(recorded.path("shares").size()).isEqualTo(6);
    for (Map.Entry<String, JsonNode> each : recorded.path("shares").properties()) {
      String[] name = each.getKey().split("-", 2);
      Votes votes = Votes.valueOf(name[0].toUpperCase(Locale.ROOT));
      int[] k = {Integer.parseInt(name[1])};
      assertSame(each.getKey(), neighbours.shares(asked, k, votes)[0], each.getValue());
    }
  }

  @Test
  void cosinesWithMeanDirectionsAreScikitLearns() {
    var prototypes = new Prototypes(known, labels, classes);
    assertSame("prototypes", prototypes.cosines(asked), recorded.path("prototype_cosines"));
  }
}
