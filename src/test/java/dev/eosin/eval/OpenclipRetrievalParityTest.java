package dev.eosin.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Recall, mean and median rank against open_clip's `get_clip_metrics`.
@Tag("parity")
class OpenclipRetrievalParityTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private final ParityCase parity = ParityCase.open("openclip-retrieval");

  /// @param shape of both, [pairs, width]
  private static Retrieval of(float[] images, float[] texts, long[] shape) {
    long[] own = LongStream.range(0, shape[0]).toArray();
    try (Tensor image = ENGINE.of(images, shape);
        Tensor text = ENGINE.of(texts, shape)) {
      return Retrieval.of(image, text, own, own);
    }
  }

  @Test
  void everyRankAndEveryMetricIsTheRecordedOne() throws IOException {
    try (SafetensorsFile inputs = SafetensorsFile.open(parity.file("inputs.safetensors"));
        SafetensorsFile expected = SafetensorsFile.open(parity.file("expected.safetensors"))) {
      Retrieval found =
          of(
              inputs.floats("image_features"),
              inputs.floats("text_features"),
              inputs.entry("image_features").dimensions());
      assertThat(ranks(found.ofImages())).isEqualTo(doubles(expected.longs("rank_i2t")));
      assertThat(ranks(found.ofTexts())).isEqualTo(doubles(expected.longs("rank_t2i")));
      assertMetrics(found.metrics(), "random");
    }
  }

  /// open_clip puts equal ones in the order of their rows, which over all rows is their mean.
  @Test
  void aModelThatTellsNothingApartIsAtChance() throws IOException {
    try (SafetensorsFile inputs = SafetensorsFile.open(parity.file("inputs.safetensors"))) {
      float[] equal = inputs.floats("image_features");
      long[] shape = inputs.entry("image_features").dimensions();
      Arrays.fill(equal, (float) (1 / Math.sqrt(shape[1])));
      assertMetrics(of(equal, equal, shape).metrics(), "collapsed");
    }
  }

  private void assertMetrics(Map<String, Double> found, String recorded) throws IOException {
    JsonNode metrics = new JsonMapper().readTree(parity.text("metrics.json")).get(recorded);
    assertThat(found).hasSize(metrics.size());
    found.forEach(
        (name, value) -> {
          double theirs = metrics.get(name.replace("recall_at_", "R@")).asDouble();
          assertThat(value).as(name).isCloseTo(theirs, within(name.contains("rank") ? 0 : 1e-12));
        });
  }

  private static double[] ranks(Ranks ranks) {
    return IntStream.range(0, ranks.size()).mapToDouble(ranks::rank).toArray();
  }

  private static double[] doubles(long[] values) {
    return Arrays.stream(values).asDoubleStream().toArray();
  }
}
