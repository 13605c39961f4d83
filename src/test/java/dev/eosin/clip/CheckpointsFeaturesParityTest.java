package dev.eosin.clip;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.OpenClipConfig;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.nn.BlockExecution;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Golden case checkpoints: models loaded from files of torch.save compute the recorded features.
@Tag("parity")
class CheckpointsFeaturesParityTest {
  private static final double TOLERANCE = 1e-4;

  /// The recorded features of cast weights, computed in fp32, have a prefix.
  @ParameterizedTest
  @CsvSource({
    "ddp_full.pt, ''",
    "plain_state_dict.pt, ''",
    "plain.bin, ''",
    "legacy_nonzip.pt, ''",
    "bf16.bin, bf16.",
    "fp16.pt, fp16."
  })
  void loadedModelComputesTheRecordedFeatures(String file, String prefix) throws IOException {
    try (ClipCase recorded = ClipCase.open("checkpoints");
        StoredTensors weights = StoredTensors.open(recorded.files().file(file));
        Tensor pixels = ClipCase.tensor(recorded.inputs(), "image");
        Tensor ids = ClipCase.tensor(recorded.inputs(), "text")) {
      ClipSpec spec = OpenClipConfig.read("checkpoints", recorded.config());
      try (Clip clip =
              Clip.allocate(ClipCase.ENGINE, spec, DType.FLOAT32, true, BlockExecution.PLAIN);
          Forward graph = new Forward(ClipCase.ENGINE)) {
        ClipWeights.load(clip, ClipWeights.openClip(spec), weights);
        Tensor image = clip.imageFeatures(graph, pixels).data();
        Tensor text = clip.textFeatures(graph, ids).data();
        recorded.check(prefix + "image_features", image, TOLERANCE);
        recorded.check(prefix + "text_features", text, TOLERANCE);
      }
    }
  }
}
