package dev.eosin.clip;

import dev.eosin.data.Batch;
import dev.eosin.image.Normalisation;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.List;

/// Turns batches into the model's inputs: uint8 images are copied and normalised on the device, ids
/// are cut after the longest caption (what follows cannot reach a pooled token of a causal tower).
public final class ClipInputs implements AutoCloseable {
  private final Engine engine;
  private final DType compute;
  private final Tensor mean;
  private final Tensor std;

  public ClipInputs(Engine engine, DType compute, Normalisation normalisation) {
    this.engine = engine;
    this.compute = compute;
    this.mean = engine.of(floats(normalisation.mean()), 3, 1, 1);
    this.std = engine.of(floats(normalisation.std()), 3, 1, 1);
  }

  private static float[] floats(List<Double> values) {
    float[] result = new float[values.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = values.get(i).floatValue();
    }
    return result;
  }

  /// Normalised pixels [b,3,h,w] in the compute type; the caller closes them.
  public Tensor pixels(Batch batch) {
    return pixels(batch.images(), batch.size(), batch.height(), batch.width());
  }

  /// @param images [b,3,h,w] uint8, the array may be longer
  public Tensor pixels(byte[] images, int b, int height, int width) {
    try (Tensor raw = engine.of(images, b, 3, height, width)) {
      return engine.kernels().one("normalise", raw, mean, std, compute.scalarType());
    }
  }

  /// Token ids int64 [b, longest]; the caller closes them.
  public Tensor ids(Batch batch) {
    return ids(batch.ids(), batch.size(), batch.contextLength(), batch.longest());
  }

  /// @param ids [b, contextLength], the array may be longer
  public Tensor ids(int[] ids, int b, int contextLength, int longest) {
    long[] cut = new long[b * longest];
    for (int row = 0; row < b; row++) {
      for (int i = 0; i < longest; i++) {
        cut[row * longest + i] = ids[row * contextLength + i];
      }
    }
    return engine.of(cut, b, longest);
  }

  @Override
  public void close() {
    mean.close();
    std.close();
  }
}
