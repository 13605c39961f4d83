package dev.eosin.eval;

import static dev.eosin.eval.RecordedMatrices.ints;
import static dev.eosin.eval.RecordedMatrices.matrix;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Golden case metrics: retrieval, to the case's tolerance from features, 1e-6.
@Tag("parity")
class RetrievalParityTest extends MetricsCase {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);

  @Test
  void pairsAreRetrievedAtTheRecordedRanks() throws IOException {
    int pairs = inputs.entry("ret.image_features").shape().get(0).intValue();
    long[] own = LongStream.range(0, pairs).toArray();
    Retrieval retrieval = retrieval("ret.text_features", own, own);

    assertThat(ranks(retrieval.ofImages())).isEqualTo(ints(expected, "ret.rank_i2t"));
    assertThat(ranks(retrieval.ofTexts())).isEqualTo(ints(expected, "ret.rank_t2i"));
    JsonNode recorded = metrics.get("retrieval");
    assertRecalls(retrieval, recorded.get("image_to_text"), recorded.get("text_to_image"));
  }

  @Test
  void severalCaptionsOfAnImageCountIfAnyIsFound() throws IOException {
    int images = inputs.entry("ret.image_features").shape().get(0).intValue();
    Retrieval retrieval =
        retrieval(
            "ret.multi.text_features",
            LongStream.range(0, images).toArray(),
            inputs.longs("ret.multi.image_of_text"));
    JsonNode recorded = metrics.get("retrieval");

    assertRecalls(retrieval, recorded.get("multi_caption_i2t"), recorded.get("multi_caption_t2i"));
  }

  private Retrieval retrieval(String texts, long[] classesOfImages, long[] classesOfTexts)
      throws IOException {
    try (Tensor image = unit("ret.image_features");
        Tensor text = unit(texts)) {
      return Retrieval.of(image, text, classesOfImages, classesOfTexts);
    }
  }

  private Tensor unit(String name) throws IOException {
    float[][] rows = matrix(inputs, name);
    float[] flat = new float[rows.length * rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      double[] unit = Vectors.normalised(rows[row]);
      for (int i = 0; i < unit.length; i++) {
        flat[row * unit.length + i] = (float) unit[i];
      }
    }
    return ENGINE.of(flat, rows.length, rows[0].length);
  }

  private static int[] ranks(Ranks ranks) {
    return IntStream.range(0, ranks.size()).map(query -> (int) ranks.rank(query)).toArray();
  }

  private static void assertRecalls(Retrieval retrieval, JsonNode images, JsonNode texts) {
    assertRecalls(retrieval.ofImages(), images);
    assertRecalls(retrieval.ofTexts(), texts);
  }

  private static void assertRecalls(Ranks found, JsonNode recorded) {
    String recall = "recall@";
    List<String> names =
        recorded.propertyStream().map(Map.Entry::getKey).filter(n -> n.startsWith(recall)).toList();
    assertThat(names).isNotEmpty();
    for (String name : names) {
      assertThat(found.recall(Integer.parseInt(name.substring(recall.length()))))
          .as(name)
          .isCloseTo(recorded.get(name).asDouble(), FROM_FEATURES);
    }
  }
}
