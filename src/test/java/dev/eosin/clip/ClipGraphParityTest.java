package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.HuggingFaceConfig;
import dev.eosin.clip.spec.OpenClipConfig;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.file.AtomicFile;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.tower.BertText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The recorded models as graphs: onnxruntime gives the recorded outputs, of the whole and of each
/// tower alone.
@Tag("parity")
class ClipGraphParityTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir private Path folder;

  private Map<String, TensorData> run(OnnxModel model, Map<String, TensorData> inputs)
      throws IOException {
    Path file = folder.resolve("model.onnx");
    AtomicFile.write(file, model.file());
    Map<String, TensorData> taken = new HashMap<>(inputs);
    taken.keySet().retainAll(model.inputs());
    try (GraphSession session = GraphSession.open(file, 2)) {
      return session.run(taken);
    }
  }

  private static void check(
      ClipCase recorded, String wanted, Map<String, TensorData> found, String name)
      throws IOException {
    assertThat(Objects.requireNonNull(found.get(name)).shape())
        .isEqualTo(recorded.expected().entry(wanted).shape());
    ClipCase.check(wanted, found.get(name).floats(), recorded.expected().floats(wanted), TOLERANCE);
  }

  private static TensorData ones(TensorData ids) {
    long[] ones = new long[Math.toIntExact(ids.elements())];
    Arrays.fill(ones, 1);
    return TensorData.of(ones, ids.dimensions());
  }

  @ParameterizedTest
  @CsvSource({
    "openclip-gelu, 18",
    "openclip-quickgelu, 18",
    "openclip-gelu, 20",
    "openclip-quickgelu, 21"
  })
  void modelsOfOpenClipGiveWhatWasRecorded(String name, int opset) throws IOException {
    try (ClipCase recorded = ClipCase.open(name);
        StoredTensors file = StoredTensors.open(recorded.files().file("model.safetensors"))) {
      ClipSpec spec = OpenClipConfig.read(name, recorded.config());
      StoredTensors own = ClipWeights.openClip(spec).read(file, Map.of());
      var graphs = new ClipGraph(spec, own, new Opset(opset), GraphPrecision.FP32);
      TensorData ids = recorded.inputs().entry("text");
      Map<String, TensorData> inputs =
          Map.of(
              "input_ids", ids,
              "attention_mask", ones(ids),
              "pixel_values", recorded.inputs().entry("image"));
      Map<String, TensorData> found = run(graphs.whole(), inputs);
      check(recorded, "logits_per_image", found, "logits_per_image");
      check(recorded, "logits_per_text", found, "logits_per_text");
      check(recorded, "image_features", found, "image_embeds");
      check(recorded, "text_features", found, "text_embeds");
      check(recorded, "image_features", run(graphs.image(), inputs), "image_embeds");
      check(recorded, "text_features", run(graphs.text(), inputs), "text_embeds");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hf-clip-plip", "hf-clip-neweos"})
  void modelsOfTransformersGiveWhatWasRecorded(String name) throws IOException {
    try (ClipCase recorded = ClipCase.open(name);
        StoredTensors file = StoredTensors.open(recorded.files().file("model.safetensors"))) {
      ClipSpec spec = HuggingFaceConfig.read(name, recorded.config());
      Layout layout = ClipWeights.huggingFace(spec);
      var graphs =
          new ClipGraph(spec, layout.read(file, Map.of()), Opset.DEFAULT, GraphPrecision.FP32);
      TensorData ids = recorded.inputs().entry("input_ids");
      Map<String, TensorData> inputs =
          new HashMap<>(
              Map.of(
                  "input_ids", ids,
                  "attention_mask", recorded.inputs().entry("attention_mask"),
                  "pixel_values", recorded.inputs().entry("pixel_values")));
      Map<String, TensorData> found = run(graphs.whole(), inputs);
      for (String output :
          new String[] {"logits_per_image", "logits_per_text", "text_embeds", "image_embeds"}) {
        check(recorded, output, found, output);
      }
      inputs.put("attention_mask", ones(ids));
      check(recorded, "nomask.text_embeds", run(graphs.text(), inputs), "text_embeds");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-timm-gelu", "bert-timm-swiglu", "bert-timm-plain"})
  void towersOfBertAndTimmGiveWhatWasRecorded(String name) throws IOException {
    try (ClipCase recorded = ClipCase.open(name);
        StoredTensors file = StoredTensors.open(recorded.files().file("model.safetensors"))) {
      ClipSpec spec = OpenClipConfig.read(name, recorded.config());
      StoredTensors own = ClipWeights.openClip(spec).read(file, Map.of());
      var graphs = new ClipGraph(spec, own, Opset.DEFAULT, GraphPrecision.FP32);
      TensorData ids = first(recorded.inputs().entry("texts"));
      int padding = ((BertText) spec.text()).encoder().padding();
      long[] counts = Arrays.stream(ids.longs()).map(id -> id == padding ? 0 : 1).toArray();
      Map<String, TensorData> found =
          run(
              graphs.whole(),
              Map.of(
                  "input_ids", ids,
                  "attention_mask", TensorData.of(counts, ids.dimensions()),
                  "pixel_values", first(recorded.inputs().entry("images"))));
      check(recorded, "image_features", found, "image_embeds");
      check(recorded, "text_features", found, "text_embeds");
    }
  }

  /// The first of several recorded batches.
  private static TensorData first(TensorData all) {
    TensorData row = all.row(0);
    return new TensorData(row.type(), all.shape().subList(1, all.shape().size()), row.bytes());
  }
}
