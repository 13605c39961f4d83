package dev.eosin.albef;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recorded encoder of PA-LLaVA's own PLIP as graphs: features by one graph and by two, and the
/// judgement of pairs.
@Tag("parity")
class AlbefGraphParityTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir private Path folder;

  private GraphSession opened(OnnxModel model, String name) throws IOException {
    Path file = folder.resolve(name);
    AtomicFile.write(file, model.file());
    return GraphSession.open(file, 2);
  }

  private static float[] given(Map<String, TensorData> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name), name).floats();
  }

  @Test
  void featuresAndJudgementsAreTheRecordedOnes() throws IOException {
    ParityCase parity = ParityCase.open("albef-plip");
    try (RecordedAlbef each = RecordedAlbef.open();
        StoredTensors file = StoredTensors.open(parity.file("model.safetensors"));
        var pixels = each.rows(0).pixels()) {
      StoredTensors own = each.layout().read(file, Map.of());
      var graphs = new AlbefGraph(each.model(), own, Opset.DEFAULT, GraphPrecision.FP32);
      CaptionRows captions = each.rows(0).captions();
      int rows = captions.rows();
      int width = captions.mask().width();
      Map<String, TensorData> texts =
          Map.of(
              "input_ids", TensorData.of(captions.ids(), rows, width),
              "attention_mask", TensorData.of(captions.mask().present(), rows, width));
      Map<String, TensorData> images =
          Map.of("pixel_values", TensorData.of(pixels.toFloats(), pixels.shape()));
      Map<String, TensorData> all = new HashMap<>(texts);
      all.putAll(images);
      try (GraphSession whole = opened(graphs.whole(), "model.onnx");
          GraphSession image = opened(graphs.image(), "vision_model.onnx");
          GraphSession text = opened(graphs.text(), "text_model.onnx");
          GraphSession match = opened(graphs.match(), "match_model.onnx")) {
        Map<String, TensorData> both = whole.run(all);
        each.assertSame("image_feat", given(both, "image_embeds"), TOLERANCE);
        each.assertSame("text_feat", given(both, "text_embeds"), TOLERANCE);
        each.assertSame("image_feat", given(image.run(images), "image_embeds"), TOLERANCE);
        each.assertSame("text_feat", given(text.run(texts), "text_embeds"), TOLERANCE);
        float[] judged = given(match.run(all), "match_logits");
        float[] recorded = each.expected().floats("itm_logits");
        assertThat(recorded).hasSize(3 * judged.length);
        RecordedAlbef.assertClose(
            "itm_logits", judged, Arrays.copyOf(recorded, judged.length), TOLERANCE);
      }
    }
  }
}
