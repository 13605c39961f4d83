package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.HostBytes;
import dev.eosin.tensor.Tensor;
import dev.eosin.text.EncodedCaption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Images that stay on the device over both passes of a gradient cache.
class KeptRowsTest {
  private static final int SIZE = 2;
  private static final int ROW_BYTES = 3 * SIZE * SIZE;

  private static Batch batch(HostBytes pixels) {
    int rows = (int) (pixels.size() / ROW_BYTES);
    Batch.Row row =
        new Batch.Row(0, "row", "", EncodedCaption.Fit.WHOLE, Optional.empty(), List.of(), 0);
    return new Batch(
        0,
        Collections.nCopies(rows, row),
        new BatchImages(pixels, SIZE, SIZE, new int[] {0, 1, 2}),
        Map.of(),
        List.of(),
        0);
  }

  private static float[] pixels(StepRows rows, int from, int to) {
    try (Tensor pixels = rows.pixels(from, to)) {
      return pixels.toFloats();
    }
  }

  /// Bytes that changed meanwhile are not looked at again, so that what stays is what is used.
  @Test
  void imagesAreSentOnce() {
    long before = ClipCase.ENGINE.openTensors();
    try (HostBytes host = HostBytes.allocate(3L * ROW_BYTES);
        var inputs = new ClipInputs(ClipCase.ENGINE, DType.FLOAT32, Normalisation.OPENAI)) {
      for (int i = 0; i < host.size(); i++) {
        host.put(i, new byte[] {(byte) (7 * i)});
      }
      Batch batch = batch(host);
      try (ClipInputs.KeptRows kept = inputs.keptRows(batch)) {
        StepRows plain = inputs.rows(batch);
        float[] first = pixels(plain, 0, 2);
        float[] last = pixels(plain, 2, 3);
        assertThat(pixels(kept, 0, 2)).containsExactly(first);
        assertThat(pixels(kept, 2, 3)).containsExactly(last);
        host.put(0, new byte[(int) host.size()]);
        assertThat(pixels(kept, 0, 2)).containsExactly(first);
        assertThat(pixels(kept, 2, 3)).containsExactly(last);
        assertThat(pixels(plain, 0, 2)).isNotEqualTo(first);
        assertThat(kept.size()).isEqualTo(plain.size());
      }
    }
    assertThat(ClipCase.ENGINE.openTensors()).isEqualTo(before);
  }

  @Test
  void onlyAGpuKeepsThemAndOnlyWhatItLooksAtTwice() {
    assertThat(ClipLearner.looksTwice(new Device.Cuda(0), true, false)).isTrue();
    assertThat(ClipLearner.looksTwice(new Device.Cuda(0), false, true)).isTrue();
    assertThat(ClipLearner.looksTwice(new Device.Cuda(0), false, false)).isFalse();
    assertThat(ClipLearner.looksTwice(Device.CPU, true, true)).isFalse();
  }
}
