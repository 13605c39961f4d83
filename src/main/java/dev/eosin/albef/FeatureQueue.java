package dev.eosin.albef;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the momentum encoder made of the latest pairs, in the order of the run, the eldest
/// overwritten: unit vectors [k,d] of images and of texts, random at first. k entries, d embedding
/// size.
public final class FeatureQueue implements AutoCloseable {
  private final Engine engine;
  private final Tensor images;
  private final Tensor texts;
  private final Tensor pointer;

  /// Zeros; [#begin] or a checkpoint fills them.
  public FeatureQueue(Engine engine, int entries, int embedSize) {
    this.engine = engine;
    this.images = engine.zeros(DType.FLOAT32, entries, embedSize);
    this.texts = engine.zeros(DType.FLOAT32, entries, embedSize);
    // A float: checkpoints of what is kept hold no other numbers. It is exact up to 2^24.
    this.pointer = engine.zeros(DType.FLOAT32, 1);
  }

  /// Unit vectors of images [k,d].
  public Tensor images() {
    return images;
  }

  /// Unit vectors of texts [k,d].
  public Tensor texts() {
    return texts;
  }

  /// k
  public int entries() {
    return Math.toIntExact(images.size(0));
  }

  /// The entry that is overwritten next.
  public int next() {
    return (int) pointer.toFloat();
  }

  /// Fills it with random unit vectors.
  ///
  /// @param first number of draws of this kind before
  public void begin(RandomKey key, int first) {
    fill(images, key.stream(RandomKey.Purpose.INITIALISATION, 0, first));
    fill(texts, key.stream(RandomKey.Purpose.INITIALISATION, 0, first + 1));
    engine.kernels().run("fill", pointer, 0.0);
  }

  private void fill(Tensor queue, RandomStream random) {
    int d = Math.toIntExact(queue.size(1));
    float[] values = new float[Math.toIntExact(queue.elements())];
    double[] row = new double[d];
    for (int from = 0; from < values.length; from += d) {
      double square = 0;
      for (int i = 0; i < d; i++) {
        row[i] = random.nextGaussian();
        square += row[i] * row[i];
      }
      for (int i = 0; i < d; i++) {
        values[from + i] = (float) (row[i] / Math.sqrt(square));
      }
    }
    try (Tensor filled = engine.of(values, queue.shape())) {
      engine.kernels().run("assign", queue, filled);
    }
  }

  /// Overwrites the eldest entries.
  ///
  /// @param newImages [b,d], b a divisor of k
  /// @param newTexts [b,d]
  public void enter(Tensor newImages, Tensor newTexts) {
    int at = next();
    engine.kernels().run("write_rows", images, at, newImages);
    engine.kernels().run("write_rows", texts, at, newTexts);
    double after = (at + (int) newImages.size(0)) % entries();
    engine.kernels().run("fill", pointer, after);
  }

  /// By name, to be written in place.
  public Map<String, Tensor> kept() {
    Map<String, Tensor> kept = new LinkedHashMap<>();
    kept.put("queue.images", images);
    kept.put("queue.texts", texts);
    kept.put("queue.next", pointer);
    return kept;
  }

  @Override
  public void close() {
    images.close();
    texts.close();
    pointer.close();
  }
}
