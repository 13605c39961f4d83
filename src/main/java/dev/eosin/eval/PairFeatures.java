package dev.eosin.eval;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The features of a whole set of pairs, gathered batch by batch on the engine's device, for
/// [Retrieval]: 8 e bytes a pair, for embeddings of size e.
public final class PairFeatures implements AutoCloseable {
  private final Engine engine;
  private final Tensor images;
  private final Tensor texts;
  private final long[] classes;
  private final Map<Object, Long> classOfCaption = new HashMap<>();
  private int size;

  /// @param most pairs that may be added
  /// @param width e
  public PairFeatures(Engine engine, int most, int width) {
    this.engine = engine;
    this.classes = new long[most];
    this.images = engine.zeros(DType.FLOAT32, most, width);
    this.texts = engine.zeros(DType.FLOAT32, most, width);
  }

  /// Adds a batch.
  ///
  /// @param imageRows unit vectors [b][e]
  /// @param textRows unit vectors [b][e], row i belongs to image i
  /// @param captions `[b]`; texts whose captions are equal are equally right
  public void add(float[][] imageRows, float[][] textRows, List<?> captions) {
    write(images, imageRows);
    write(texts, textRows);
    for (Object caption : captions) {
      long next = classOfCaption.size();
      classes[size++] = classOfCaption.computeIfAbsent(caption, unknown -> next);
    }
  }

  private void write(Tensor table, float[][] rows) {
    int width = Math.toIntExact(table.size(1));
    float[] flat = new float[rows.length * width];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, flat, row * width, width);
    }
    try (Tensor values = engine.of(flat, rows.length, width)) {
      engine.kernels().run("write_rows", table, size, values);
    }
  }

  /// How well the pairs added so far, one at least, find each other.
  public Retrieval retrieval() {
    long[] added = Arrays.copyOf(classes, size);
    try (Tensor ofImages = engine.kernels().one("block_of", images, 0, size);
        Tensor ofTexts = engine.kernels().one("block_of", texts, 0, size)) {
      return Retrieval.of(ofImages, ofTexts, added, added);
    }
  }

  @Override
  public void close() {
    images.close();
    texts.close();
  }
}
