package dev.eosin.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.onnx.GraphPrecision;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What each precision allows, and what is said of the rest.
class AgreementTest {
  private static Agreement of(
      double difference, double cosine, double agreement, double model, double graph) {
    return new Agreement(
        512,
        0,
        9,
        difference,
        cosine,
        agreement,
        OptionalDouble.of(model),
        OptionalDouble.of(graph));
  }

  @ParameterizedTest
  @CsvSource({
    "FP32, 1e-4, 1, 1, 0.9, 0.9, ''",
    "FP32, 1.1e-4, 1, 1, 0.9, 0.9, 'embeddings differ by 1.10e-04, at most 1e-04 is allowed'",
    "FP32, Infinity, 1, 1, 0.9, 0.9, 'embeddings differ by Infinity, at most 1e-04 is allowed'",
    "FP16, 0.01, 0.9995, 0.995, 0.9, 0.9, ''",
    "FP16, 0.01, 0.9994, 1, 0.9, 0.9, 'cosine with the model''s own is 0.99940, at least 0.9995'",
    "FP16, 0.01, 1, 0.994, 0.9, 0.9, 'the same for 99.40 % of tiles, at least 99.5 % is needed'",
    "INT8, 0.1, 0.99, 0.97, 0.90, 0.891, ''",
    "INT8, 0.1, 0.98, 1, 0.9, 0.9, 'is 0.98000, at least 0.99 is needed'",
    "INT8, 0.1, 1, 0.96, 0.9, 0.9, 'the same for 96.00 % of tiles, at least 97.0 %'",
    "INT8, 0.1, 1, 1, 0.9, 0.88, 'top-1 is 0.8800, the model''s 0.9000: more than a point apart'"
  })
  void whatIsOutsideIsSaid(
      GraphPrecision precision,
      double difference,
      double cosine,
      double agreement,
      double model,
      double graph,
      String said) {
    var found = of(difference, cosine, agreement, model, graph).fault(precision);
    if (said.isEmpty()) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found.orElseThrow()).contains(said);
    }
  }

  @Test
  void whatIsNotFiniteIsInfinitelyFarAway() {
    var distance = new Distance();
    distance.add(new float[][] {{1, 0}}, new float[][] {{Float.NaN, 0}});
    assertThat(distance.difference()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(distance.cosine()).isEqualTo(-1);
    distance.add(new float[][] {{1, 0}}, new float[][] {{1, 0}});
    assertThat(distance.cosine()).isEqualTo(-1);
  }
}
