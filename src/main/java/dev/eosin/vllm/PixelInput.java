package dev.eosin.vllm;

import dev.eosin.image.Normalisation;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Images of bytes as a tower takes them, normalised on the device.
public final class PixelInput implements AutoCloseable {
  private final Engine engine;
  private final DType compute;
  private final Tensor mean;
  private final Tensor deviation;

  /// @param compute the tower's type
  public PixelInput(Engine engine, DType compute, Normalisation normalisation) {
    this.engine = engine;
    this.compute = compute;
    mean = engine.of(floats(normalisation.mean()), 3, 1, 1);
    deviation = engine.of(floats(normalisation.std()), 3, 1, 1);
  }

  private static float[] floats(List<Double> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return floats;
  }

  /// Some images [k,3,h,w]; the caller closes them.
  ///
  /// @param pixels of more images [m,3,h,w]
  /// @param which of them, in this order [k]
  public Tensor of(byte[] pixels, int[] which, int height, int width) {
    int each = 3 * height * width;
    byte[] taken = new byte[which.length * each];
    for (int i = 0; i < which.length; i++) {
      System.arraycopy(pixels, which[i] * each, taken, i * each, each);
    }
    try (Tensor raw = engine.of(taken, which.length, 3, height, width)) {
      return engine.kernels().one("normalise", raw, mean, deviation, compute.scalarType());
    }
  }

  @Override
  public String toString() {
    return "pixels in %s, %s".formatted(compute, Arrays.toString(mean.toFloats()));
  }

  @Override
  public void close() {
    mean.close();
    deviation.close();
  }
}
