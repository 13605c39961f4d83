package dev.eosin.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.image.transforms.Normalisation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// Decoding and evaluation transforms against numbers recorded from Pillow, open_clip (torchvision)
/// and transformers; the case's README says which versions and why which tolerance.
@Tag("parity")
class PreprocessParityTest {
  private static final List<String> EVERY_IMAGE =
      List.of("rgb", "open_clip", "open_clip_uint8", "hf_pil");

  @TestFactory
  Stream<DynamicTest> everyRecordedTensorIsReproduced() throws IOException {
    ParityCase recorded = ParityCase.open("preprocess");
    JsonNode config = new ObjectMapper().readTree(recorded.text("config.json"));
    List<DynamicTest> tests = new ArrayList<>();
    try (StoredTensors expected = StoredTensors.open(recorded.file("expected.safetensors"))) {
      Set<String> unclaimed = new TreeSet<>(expected.names());
      for (JsonNode image : config.get("images")) {
        String file = image.get("file").asText();
        String prefix = file.replace('.', '_') + ".";
        Set<String> names = new TreeSet<>(EVERY_IMAGE.stream().map(prefix::concat).toList());
        unclaimed.stream().filter(name -> name.startsWith(prefix)).forEach(names::add);
        unclaimed.removeAll(names);
        for (String name : names) {
          String what = name.substring(prefix.length());
          tests.add(DynamicTest.dynamicTest(name, () -> check(recorded, config, file, name, what)));
        }
      }
      assertThat(unclaimed).as("recorded tensors without an image in config.json").isEmpty();
    }
    return tests.stream();
  }

  private static void check(
      ParityCase recorded, JsonNode config, String file, String name, String what)
      throws IOException {
    Raster image = new ImageDecoder().decode(recorded.file("images/" + file));
    boolean otherDecoder = file.toLowerCase(Locale.ROOT).endsWith(".jpg");
    try (StoredTensors expected = StoredTensors.open(recorded.file("expected.safetensors"))) {
      TensorData entry = expected.entry(name);
      switch (what) {
        case "rgb" -> compareLevels(name, image.toRgb(), expected.longs(name), entry, otherDecoder);
        case "open_clip_uint8" -> {
          EvaluationTransform transform =
              squareTransform(config, EvaluationTransform.Rule.OPEN_CLIP);
          compareLevels(name, transform.apply(image), expected.longs(name), entry, otherDecoder);
        }
        case "open_clip" ->
            compareNormalised(
                name,
                config,
                squareTransform(config, EvaluationTransform.Rule.OPEN_CLIP),
                image,
                expected.floats(name),
                otherDecoder);
        case "hf_pil", "hf_torchvision" ->
            compareNormalised(
                name,
                config,
                squareTransform(config, EvaluationTransform.Rule.HUGGING_FACE),
                image,
                expected.floats(name),
                otherDecoder);
        default -> compareResized(image, name, expected.longs(name), entry, otherDecoder);
      }
    }
  }

  /// `resize<N>_uint8`: open_clip's transform at another size; `squash_uint8`: both sides freely.
  private static void compareResized(
      Raster image, String name, long[] expected, TensorData entry, boolean otherDecoder) {
    assertThat(name).as("recorded tensor").matches(".*\\.(resize\\d+|squash)_uint8");
    EvaluationTransform.Fit fit =
        name.endsWith(".squash_uint8")
            ? EvaluationTransform.Fit.SQUASH
            : EvaluationTransform.Fit.SHORTEST;
    int height = entry.shape().get(0).intValue();
    int width = entry.shape().get(1).intValue();
    EvaluationTransform transform =
        new EvaluationTransform(
            EvaluationTransform.Rule.OPEN_CLIP, fit, height, width, Filter.BICUBIC);
    compareLevels(name, transform.apply(image), expected, entry, otherDecoder);
  }

  private static EvaluationTransform squareTransform(
      JsonNode config, EvaluationTransform.Rule rule) {
    int size = config.get("size").asInt();
    return new EvaluationTransform(
        rule,
        EvaluationTransform.Fit.valueOf(upper(config.get("resize_mode"))),
        size,
        size,
        Filter.valueOf(upper(config.get("interpolation"))));
  }

  private static String upper(JsonNode text) {
    return text.asText().toUpperCase(Locale.ROOT);
  }

  private static void compareLevels(
      String name, RgbImage actual, long[] expected, TensorData entry, boolean otherDecoder) {
    assertThat(entry.shape()).containsExactly((long) actual.height(), (long) actual.width(), 3L);
    double[] differences = new double[expected.length];
    for (int i = 0; i < expected.length; i++) {
      differences[i] = (actual.pixels()[i] & 0xFF) - expected[i];
    }
    assertWithin(name, differences, 1, otherDecoder);
  }

  private static void compareNormalised(
      String name,
      JsonNode config,
      EvaluationTransform transform,
      Raster image,
      float[] expected,
      boolean otherDecoder) {
    byte[] planes = new byte[expected.length];
    transform.apply(image).writePlanar(planes, 0);
    Normalisation normalisation =
        new Normalisation(numbers(config.get("mean")), numbers(config.get("std")));
    float[] actual = normalisation.apply(planes);
    double[] differences = new double[expected.length];
    for (int i = 0; i < expected.length; i++) {
      differences[i] = actual[i] - expected[i];
    }
    assertWithin(name, differences, level(config), otherDecoder);
  }

  /// One grey level after scaling and normalising by the smallest std, and half a percent of it:
  /// the case's 1/255/0.26 for CLIP's 0.2613.
  private static double level(JsonNode config) {
    return 1.005 / 255 / Collections.min(numbers(config.get("std")));
  }

  private static List<Double> numbers(JsonNode array) {
    List<Double> numbers = new ArrayList<>();
    array.forEach(number -> numbers.add(number.asDouble()));
    return numbers;
  }

  /// PNG: one level. JPEG decoded by another decoder: mean one level, at most eight.
  private static void assertWithin(
      String name, double[] differences, double level, boolean otherDecoder) {
    double largest = 0;
    double sum = 0;
    for (double difference : differences) {
      largest = Math.max(largest, Math.abs(difference));
      sum += Math.abs(difference);
    }
    assertThat(largest)
        .as(name + ": largest difference")
        .isLessThanOrEqualTo((otherDecoder ? 8 : 1) * level);
    assertThat(sum / differences.length).as(name + ": mean difference").isLessThanOrEqualTo(level);
  }
}
