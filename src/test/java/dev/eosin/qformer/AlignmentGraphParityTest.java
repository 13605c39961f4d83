package dev.eosin.qformer;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.file.AtomicFile;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A recorded first stage as graphs: what images and texts have in common, by one graph and by two,
/// and the judgement of pairs.
@Tag("parity")
class AlignmentGraphParityTest {
  @TempDir private Path folder;

  private GraphSession opened(OnnxModel model, String name) throws IOException {
    Path file = folder.resolve(name);
    AtomicFile.write(file, model.file());
    return GraphSession.open(file, 2);
  }

  @Test
  void whatImagesAndTextsHaveInCommonIsTheRecorded() throws IOException {
    ParityCase parity = ParityCase.open("blip2-retrieval");
    try (RecordedAlignment recorded = RecordedAlignment.open(parity, false, false);
        StoredTensors file = StoredTensors.open(parity.file("model.safetensors"))) {
      StoredTensors own =
          QFormerNames.BLIP2
              .alignment(Optional.of(recorded.tower()), recorded.model())
              .read(file, Map.of());
      var graphs =
          new AlignmentGraph(
              recorded.tower(), recorded.model(), own, Opset.DEFAULT, GraphPrecision.FP32);
      StoredTensors inputs = recorded.recorded().inputs();
      StoredTensors expected = recorded.recorded().expected();
      Map<String, TensorData> all =
          Map.of(
              "pixel_values", inputs.entry("pixel_values"),
              "input_ids", inputs.entry("input_ids"),
              "attention_mask", inputs.entry("attention_mask"));
      try (GraphSession whole = opened(graphs.whole(), "model.onnx");
          GraphSession image = opened(graphs.image(), "vision_model.onnx");
          GraphSession text = opened(graphs.text(), "text_model.onnx");
          GraphSession match = opened(graphs.match(), "match_model.onnx")) {
        Map<String, TensorData> found = whole.run(all);
        QFormerGraphParityTest.check(
            expected,
            "itc.logits_per_image",
            Objects.requireNonNull(found.get("logits_per_image")));
        QFormerGraphParityTest.check(
            expected, "itc.logits_per_text", Objects.requireNonNull(found.get("logits_per_text")));
        QFormerGraphParityTest.check(
            expected, "itc.image_embeds", Objects.requireNonNull(found.get("image_embeds")));
        QFormerGraphParityTest.check(
            expected, "itc.text_embeds", Objects.requireNonNull(found.get("text_embeds")));
        QFormerGraphParityTest.check(
            expected,
            "itc.image_embeds",
            Objects.requireNonNull(
                image
                    .run(Map.of("pixel_values", inputs.entry("pixel_values")))
                    .get("image_embeds")));
        Map<String, TensorData> texts = new HashMap<>(all);
        texts.remove("pixel_values");
        QFormerGraphParityTest.check(
            expected,
            "itc.text_embeds",
            Objects.requireNonNull(text.run(texts).get("text_embeds")));
        QFormerGraphParityTest.check(
            expected, "itm.logits", Objects.requireNonNull(match.run(all).get("match_logits")));
      }
    }
  }
}
