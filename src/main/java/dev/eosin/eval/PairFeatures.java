package dev.eosin.eval;

import dev.eosin.group.Group;
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
  private final int vectorsPerImage;
  private final Tensor images;
  private final Tensor texts;
  private final long[] classes;
  private final Map<Object, Long> classOfCaption = new HashMap<>();
  private int size;

  /// @param most pairs that may be added
  /// @param width e
  public PairFeatures(Engine engine, int most, int width) {
    this(engine, most, width, 1);
  }

  /// As above, for images of several vectors.
  ///
  /// @param vectorsPerImage v
  public PairFeatures(Engine engine, int most, int width, int vectorsPerImage) {
    this.engine = engine;
    this.vectorsPerImage = vectorsPerImage;
    this.classes = new long[most];
    this.images = engine.zeros(DType.FLOAT32, (long) most * vectorsPerImage, width);
    this.texts = engine.zeros(DType.FLOAT32, most, width);
  }

  /// Adds a batch.
  ///
  /// @param imageRows unit vectors [b v,e] fp32, those of an image neighbours; the caller closes
  ///   them
  /// @param textRows unit vectors [b,e] fp32, row i belongs to image i; the caller closes them
  /// @param captions `[b]`; texts whose captions are equal are equally right
  public void add(Tensor imageRows, Tensor textRows, List<?> captions) {
    engine.kernels().run("write_rows", images, size * vectorsPerImage, imageRows);
    engine.kernels().run("write_rows", texts, size, textRows);
    for (Object caption : captions) {
      long next = classOfCaption.size();
      classes[size++] = classOfCaption.computeIfAbsent(caption, unknown -> next);
    }
  }

  /// How well the pairs added so far, one at least, find each other.
  public Retrieval retrieval() {
    return retrieval(Group.ALONE);
  }

  /// As above, by ranks that have the same pairs and share the queries.
  ///
  /// @return the same on every rank
  public Retrieval retrieval(Group group) {
    long[] added = Arrays.copyOf(classes, size);
    try (Tensor ofImages = engine.kernels().one("block_of", images, 0, size * vectorsPerImage);
        Tensor ofTexts = engine.kernels().one("block_of", texts, 0, size)) {
      return Retrieval.of(group, ofImages, vectorsPerImage, ofTexts, added, added);
    }
  }

  @Override
  public void close() {
    images.close();
    texts.close();
  }
}
