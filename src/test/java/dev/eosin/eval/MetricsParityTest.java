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
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Golden case metrics, as far as it concerns zero-shot classification and retrieval. Tolerances
/// are the case's: metrics 1e-9 given predictions, 1e-6 from features, logits 1e-4.
@Tag("parity")
class MetricsParityTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final Offset<Double> EXACT = within(1e-9);
  private static final Offset<Double> FROM_FEATURES = within(1e-6);

  private final ParityCase parity = ParityCase.open("metrics");
  private SafetensorsFile inputs;
  private SafetensorsFile expected;
  private JsonNode metrics;

  @BeforeEach
  void open() throws IOException {
    inputs = SafetensorsFile.open(parity.file("inputs.safetensors"));
    expected = SafetensorsFile.open(parity.file("expected.safetensors"));
    metrics = new JsonMapper().readTree(parity.text("metrics.json"));
  }

  @AfterEach
  void close() {
    inputs.close();
    expected.close();
  }

  @Test
  void promptEnsemblesGiveTheClassifierAndItsLogits() throws IOException {
    ZeroShotClassifier classifier = classifier();
    float[] directions = expected.floats("zs.classifier");
    int classes = classifier.classes();
    for (int label = 0; label < classes; label++) {
      double[] direction = classifier.direction(label);
      for (int i = 0; i < direction.length; i++) {
        assertThat(direction[i]).isCloseTo((double) directions[i * classes + label], FROM_FEATURES);
      }
    }
    double scale = Math.exp(inputs.floats("zs.logit_scale")[0]);
    float[] logits = expected.floats("zs.logits");
    float[][] images = matrix(inputs, "zs.image_features");
    long[] predictions = expected.longs("zs.pred");
    for (int row = 0; row < images.length; row++) {
      double[] cosines = classifier.cosines(images[row]);
      for (int label = 0; label < classes; label++) {
        assertThat(scale * cosines[label])
            .isCloseTo((double) logits[row * classes + label], within(1e-4));
      }
      assertThat(classifier.classify(images[row])).isEqualTo((int) predictions[row]);
    }
  }

  @Test
  void zeroShotMetricsFollowFromThePredictions() throws IOException {
    int classes = inputs.entry("zs.prompt_features").shape().get(0).intValue();
    ConfusionMatrix confusion =
        ConfusionMatrix.of(ints(inputs, "zs.labels"), ints(expected, "zs.pred"), classes);
    JsonNode zeroShot = metrics.get("zero_shot");

    assertThat(confusion.top1()).isCloseTo(zeroShot.get("top1").asDouble(), EXACT);
    assertThat(confusion.balancedAccuracy())
        .isCloseTo(zeroShot.get("balanced_accuracy").asDouble(), EXACT);
    assertThat(confusion.f1Macro()).isCloseTo(zeroShot.get("f1_macro").asDouble(), EXACT);
    assertThat(confusion.f1Weighted()).isCloseTo(zeroShot.get("f1_weighted").asDouble(), EXACT);
    for (int truth = 0; truth < classes; truth++) {
      for (int predicted = 0; predicted < classes; predicted++) {
        assertThat(confusion.count(truth, predicted))
            .isEqualTo(zeroShot.get("confusion").get(truth).get(predicted).asLong());
      }
    }
  }

  @Test
  void absentClassesFollowTheRecordedRules() {
    JsonNode edge = metrics.get("edge");
    int[] truth = ints(edge.get("y_true"));
    int[] predicted = ints(edge.get("y_pred"));
    // One class more than occurs: absent ones above the others change nothing, as those between.
    int classes = IntStream.concat(Arrays.stream(truth), Arrays.stream(predicted)).max().orElse(0);
    ConfusionMatrix confusion = ConfusionMatrix.of(truth, predicted, classes + 2);

    assertThat(confusion.f1Macro()).isCloseTo(edge.get("f1_macro").asDouble(), EXACT);
    assertThat(confusion.f1Weighted()).isCloseTo(edge.get("f1_weighted").asDouble(), EXACT);
    assertThat(confusion.balancedAccuracy())
        .isCloseTo(edge.get("balanced_accuracy").asDouble(), EXACT);
  }

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

  private ZeroShotClassifier classifier() throws IOException {
    List<Long> shape = inputs.entry("zs.prompt_features").shape();
    int templates = shape.get(1).intValue();
    float[][] prompts = rows(inputs.floats("zs.prompt_features"), shape.get(2).intValue());
    return ZeroShotClassifier.of(
        IntStream.range(0, shape.get(0).intValue())
            .mapToObj(c -> Arrays.copyOfRange(prompts, c * templates, (c + 1) * templates))
            .toList());
  }

  private static float[][] matrix(SafetensorsFile file, String name) throws IOException {
    return rows(file.floats(name), file.entry(name).shape().get(1).intValue());
  }

  private static float[][] rows(float[] values, int width) {
    return IntStream.range(0, values.length / width)
        .mapToObj(row -> Arrays.copyOfRange(values, row * width, (row + 1) * width))
        .toArray(float[][]::new);
  }

  private static int[] ints(SafetensorsFile file, String name) throws IOException {
    return Arrays.stream(file.longs(name)).mapToInt(Math::toIntExact).toArray();
  }

  private static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
