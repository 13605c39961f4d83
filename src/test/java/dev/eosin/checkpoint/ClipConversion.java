package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.clip.spec.ClipLayouts;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// The checks shared by the cases that hold one model under both Hugging Face's and open_clip's
/// names.
record ClipConversion(ParityCase parity) {
  private static final JsonMapper JSON = new JsonMapper();

  private int layers(String tower) throws IOException {
    return JSON.readTree(parity.text("config.openclip.json")).get(tower).get("layers").asInt();
  }

  private Layout openClip() throws IOException {
    return ClipLayouts.openClip(layers("vision_cfg"), layers("text_cfg"));
  }

  private Layout huggingFace() throws IOException {
    return ClipLayouts.huggingFaceClip(layers("vision_cfg"), layers("text_cfg"));
  }

  /// Our two tables, put together, are the peer's table from one format to the other.
  void tablesAgreeWithTheNameMap() throws IOException {
    JsonNode map = JSON.readTree(parity.text("name_map.json"));
    Map<String, TensorRule> ours = new HashMap<>();
    huggingFace().rules().forEach(rule -> ours.put(rule.name(), rule));
    Map<String, String> actual = new TreeMap<>();
    for (TensorRule rule : openClip().rules()) {
      TensorRule other = ours.get(rule.name());
      if (other != null) {
        actual.put(rule.foreignNames().getFirst(), word(other) + " " + other.foreignNames());
      }
    }
    Map<String, String> expected = new TreeMap<>();
    map.properties()
        .forEach(
            entry ->
                expected.put(
                    entry.getKey(),
                    entry.getValue().get("rule").asText()
                        + " "
                        + entry.getValue().get("hf").valueStream().map(JsonNode::asText).toList()));
    assertThat(actual).isEqualTo(expected);
  }

  private static String word(TensorRule rule) {
    return switch (rule) {
      case TensorRule.Copy copy -> "copy";
      case TensorRule.Scalar scalar -> "copy";
      case TensorRule.Transpose transpose -> "transpose";
      case TensorRule.Repeat repeat -> "repeat";
      case TensorRule.Stack stack -> "concat rows q,k,v";
      case TensorRule.StackAroundZeros stack -> "concat rows around zeros";
    };
  }

  void huggingFaceBecomesOpenClip(Path folder) throws IOException {
    convert("model.safetensors", huggingFace(), "model.openclip.safetensors", openClip(), folder);
  }

  void openClipBecomesHuggingFace(Path folder) throws IOException {
    convert("model.openclip.safetensors", openClip(), "model.safetensors", huggingFace(), folder);
  }

  void pytorchModelBinHoldsTheSameWeights() throws IOException {
    assertSameWeights(parity.file("pytorch_model.bin"), parity.file("model.safetensors"));
  }

  private void convert(String from, Layout fromLayout, String to, Layout toLayout, Path folder)
      throws IOException {
    Path written = folder.resolve("converted.safetensors");
    try (StoredTensors ours = fromLayout.read(StoredTensors.open(parity.file(from)), Map.of())) {
      Map<String, TensorData> tensors = new TreeMap<>();
      for (String name : ours.names()) {
        tensors.put(name, ours.entry(name));
      }
      toLayout.write(tensors, Map.of("format", "pt")).write(written);
      // Once more through the checked reader, with the shapes of the first file.
      Map<String, List<Long>> shapes = new HashMap<>();
      tensors.forEach((name, data) -> shapes.put(name, data.shape()));
      try (StoredTensors back = toLayout.read(StoredTensors.open(written), shapes)) {
        assertThat(back.names()).isEqualTo(ours.names());
        for (String name : ours.names()) {
          assertThat(bytes(back, name)).as(name).isEqualTo(bytes(ours, name));
        }
      }
    }
    assertSameWeights(written, parity.file(to));
    assertThat(Files.size(written)).isPositive();
  }

  private static void assertSameWeights(Path actual, Path expected) throws IOException {
    try (StoredTensors one = StoredTensors.open(actual);
        StoredTensors two = StoredTensors.open(expected)) {
      TreeSet<String> weights = new TreeSet<>(two.names());
      weights.removeIf(name -> name.endsWith(".position_ids"));
      TreeSet<String> found = new TreeSet<>(one.names());
      found.removeIf(name -> name.endsWith(".position_ids"));
      assertThat(found).isEqualTo(weights);
      for (String name : weights) {
        assertThat(one.entry(name).type()).isEqualTo(two.entry(name).type());
        assertThat(one.entry(name).shape()).isEqualTo(two.entry(name).shape());
        assertThat(bytes(one, name)).as(name).isEqualTo(bytes(two, name));
      }
    }
  }

  private static byte[] bytes(StoredTensors file, String name) throws IOException {
    return file.entry(name).bytes().toArray(ValueLayout.JAVA_BYTE);
  }
}
