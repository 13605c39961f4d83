package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.OpenClipConfig;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A tower and a linear layer in training against open_clip and torch's AdamW.
/// scripts/record-fine-tuning.py made the numbers.
@Tag("parity")
class FineTuningParityTest {
  private static final String MODEL = "openclip-gelu";

  @Test
  void lossesAndPredictionsOfUpdatesAreTheRecordedOnes() throws IOException {
    ParityCase files = ParityCase.open("fine-tuning");
    var settings = ClipCase.json(files, "settings.json");
    double rate = settings.path("rate").asDouble();
    double decay = settings.path("weight_decay").asDouble();
    try (SafetensorsFile steps = SafetensorsFile.open(files.file("steps.safetensors"));
        StoredTensors file = StoredTensors.open(ParityCase.open(MODEL).file("model.safetensors"))) {
      ClipSpec spec =
          OpenClipConfig.read(MODEL, ClipCase.json(ParityCase.open(MODEL), "config.json"));
      StoredTensors own = ClipWeights.openClip(spec).read(file, Map.of());
      TensorData tiles = steps.entry("tiles");
      TensorData classes = steps.entry("classes");
      float[] losses = steps.entry("losses").floats();
      TensorData shares = steps.entry("shares");
      int batch = (int) classes.dimensions()[1];
      var tuned =
          new ImageClassifier.Settings(
              DType.FLOAT32, Normalisation.OPENAI, (int) shares.dimensions()[1], decay);
      try (ImageClassifier tower =
          ImageClassifier.of(ClipCase.ENGINE, spec, tuned, own, new RandomKey(1), 0)) {
        assign(tower, steps, "head.weight");
        assign(tower, steps, "head.bias");
        for (int update = 0; update < losses.length; update++) {
          int[] truth =
              Arrays.stream(classes.longs(), update * batch, (update + 1) * batch)
                  .mapToInt(Math::toIntExact)
                  .toArray();
          double now = rate * (1 + Math.cos(Math.PI * update / losses.length)) / 2;
          double loss = tower.update(part(tiles, update), truth, now);
          assertThat(loss).as("update %d", update).isCloseTo(losses[update], within(1e-5));
        }
        double[][] found = tower.shares(part(tiles, losses.length), batch);
        float[] wanted = shares.floats();
        for (int i = 0; i < wanted.length; i++) {
          int columns = found[0].length;
          assertThat(found[i / columns][i % columns]).isCloseTo(wanted[i], within(1e-4));
        }
      }
    }
  }

  private static void assign(ImageClassifier tower, SafetensorsFile steps, String name)
      throws IOException {
    TensorData data = steps.entry(name);
    try (Tensor values = ClipCase.ENGINE.of(data.floats(), data.dimensions())) {
      tower.parameters().assign(name, values);
    }
  }

  /// The tiles of one update.
  private static byte[] part(TensorData tiles, int update) {
    MemorySegment all = tiles.bytes();
    long each = all.byteSize() / tiles.dimensions()[0];
    return all.asSlice(update * each, each).toArray(ValueLayout.JAVA_BYTE);
  }
}
