package dev.eosin.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipGraph;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.model.OverlaidTensors;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.ClipTokenizer;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Vit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Of a model and graphs with one weight that differs, the block of that weight is named.
class ClipDriftTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final int VOCABULARY = 49_408;
  private static final ClipSpec SPEC =
      new ClipSpec(
          16,
          new Vit(16, 16, 8, 32, 4, 2, 64),
          new Causal(12, VOCABULARY, 32, 3, 2, 64, new EndOfText.LargestId()),
          Activation.GELU);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "image.blocks.2.mlp.down.weight",
        "image.blocks.3.attention.output.weight",
        "text.blocks.1.attention.query-key-value.weight"
      })
  void theBlockWhoseWeightDiffersIsNamed(String weight) throws IOException {
    Path file = folder.resolve("model.safetensors");
    try (Clip clip = Clip.allocate(ENGINE, SPEC, DType.FLOAT32, false, BlockExecution.PLAIN)) {
      clip.initialise(new RandomKey(3));
      var writer = new SafetensorsWriter(Map.of());
      ClipWeights.tensors(clip).forEach((name, tensor) -> writer.add(name, tensor.data().get()));
      writer.write(file);
      try (StoredTensors own = StoredTensors.open(file);
          StoredTensors other = other(own, weight);
          BundleFolder bundle =
              BundleFolder.begin(folder.resolve("bundle"), false, false, List.of())) {
        var graphs =
            new ClipGraph(
                SPEC, new OverlaidTensors(own, other), Opset.DEFAULT, GraphPrecision.FP32);
        var drift = new ClipDrift(bundle, graphs, clip, verification(clip), 1);
        assertThat(drift.text())
            .startsWith(weight.replaceAll("(blocks\\.\\d).*", "$1 drifts most"));
        var equal = new ClipGraph(SPEC, own, Opset.DEFAULT, GraphPrecision.FP32);
        assertThat(new ClipDrift(bundle, equal, clip, verification(clip), 1).largest())
            .isLessThan(1e-5);
      }
    }
    assertThat(folder.resolve("bundle")).doesNotExist();
  }

  /// One weight, doubled.
  private StoredTensors other(StoredTensors own, String weight) throws IOException {
    float[] values = own.floats(weight).clone();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 2;
    }
    Path file = folder.resolve("other.safetensors");
    long[] shape = own.entry(weight).dimensions();
    assertThat(own.entry(weight).type()).isEqualTo(StoredType.F32);
    new SafetensorsWriter(Map.of()).add(weight, TensorData.of(values, shape)).write(file);
    return StoredTensors.open(file);
  }

  private static ClipVerification verification(Clip clip) {
    List<HeldOut.Tile> tiles = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      byte[] pixels = new byte[3 * 16 * 16];
      for (int at = 0; at < pixels.length; at++) {
        pixels[at] = (byte) (i * 31 + at * (7 + i));
      }
      var image = new RgbImage(16, 16, pixels);
      tiles.add(new HeldOut.Tile("tile " + i, () -> image, OptionalInt.empty()));
    }
    var heldOut =
        new HeldOut(
            "drawn",
            "drawn",
            "",
            tiles,
            List.of(List.of("mucus"), List.of("a tumour of the colon")),
            EvaluationTransform.openClip(16, 16));
    return new ClipVerification(
        clip,
        heldOut,
        CaptionEncoder.truncating(ClipTokenizer.load(), 12),
        Normalisation.OPENAI,
        line -> {});
  }
}
