package dev.eosin.tower;

import dev.eosin.image.transforms.Normalisation;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.HostBytes;
import dev.eosin.tensor.Tensor;
import java.util.List;

/// Turns uint8 images into what image towers take: copied and normalised on the device.
public final class PixelInputs implements AutoCloseable {
  private final Engine engine;
  private final DType compute;
  private final Tensor mean;
  private final Tensor std;

  /// @param compute the type of normalised pixels
  public PixelInputs(Engine engine, DType compute, Normalisation normalisation) {
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

  /// Some images [k,3,h,w] in the compute type; the caller closes them.
  ///
  /// @param pixels of more images [m,3,h,w]
  /// @param which of them, in this order `[k]`
  public Tensor chosen(byte[] pixels, int[] which, int height, int width) {
    int each = 3 * height * width;
    byte[] taken = new byte[Math.multiplyExact(which.length, each)];
    for (int i = 0; i < which.length; i++) {
      System.arraycopy(pixels, which[i] * each, taken, i * each, each);
    }
    return normalised(engine.of(taken, which.length, 3, height, width));
  }

  /// As above, of images on their way from a loader.
  public Tensor chosen(HostBytes pixels, int[] which, int height, int width) {
    int each = 3 * height * width;
    byte[] taken = new byte[Math.multiplyExact(which.length, each)];
    for (int i = 0; i < which.length; i++) {
      pixels.read((long) which[i] * each, taken, i * each, each);
    }
    return normalised(engine.of(taken, which.length, 3, height, width));
  }

  /// What pixels are handed out in.
  public DType compute() {
    return compute;
  }

  /// Normalised pixels [to-from,3,h,w] in the compute type; the caller closes them.
  ///
  /// @param images [b,3,h,w] uint8
  public Tensor pixels(byte[] images, int from, int to, int height, int width) {
    long row = 3L * height * width;
    return normalised(engine.of(images, from * row, new long[] {to - from, 3, height, width}));
  }

  /// As above, of images on their way from a loader.
  public Tensor pixels(HostBytes images, int from, int to, int height, int width) {
    return normalised(bytes(images, from, to, height, width));
  }

  /// Images as they are, uint8 [to-from,3,h,w]; the caller closes them.
  public Tensor bytes(HostBytes images, int from, int to, int height, int width) {
    return engine.of(images, from * 3L * height * width, to - from, 3, height, width);
  }

  /// Normalised pixels of images [k,3,h,w] uint8 that stay as they are, in the compute type; the
  /// caller closes both.
  public Tensor normalisedFrom(Tensor bytes) {
    return engine.kernels().one("normalise", bytes, mean, std, compute.scalarType());
  }

  private Tensor normalised(Tensor bytes) {
    try (bytes) {
      return normalisedFrom(bytes);
    }
  }

  @Override
  public void close() {
    mean.close();
    std.close();
  }
}
