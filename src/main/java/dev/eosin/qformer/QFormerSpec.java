package dev.eosin.qformer;

import dev.eosin.nn.Dropout;
import java.util.Optional;

/// The architecture of a Q-Former: BERT's layers over learned queries, which look at an image in
/// every few of them, and over words where there are any.
///
/// @param layers number of layers
/// @param width c, hidden size of queries and words
/// @param heads of attention, a divisor of the width
/// @param mlpWidth hidden size of both MLPs
/// @param imageWidth e, hidden size of the image's tokens
/// @param crossEvery queries look at the image in layers 0, k, 2k ...
/// @param queries q, learned vectors
/// @param words what reads text, where the Q-Former does
/// @param normEpsilon of every layer norm
/// @param dropout of training steps; no part of what the weights mean
public record QFormerSpec(
    int layers,
    int width,
    int heads,
    int mlpWidth,
    int imageWidth,
    int crossEvery,
    int queries,
    Optional<Words> words,
    double normEpsilon,
    Dropout dropout) {
  /// What BERT and the Q-Former's own code use.
  private static final double EPSILON = 1e-12;

  private static final Dropout TRAINED = new Dropout(0.1, 0.1);

  /// Tables of a Q-Former that reads text; its layers have MLPs for words, then.
  ///
  /// @param vocabulary v, number of token ids
  /// @param positions longest text in tokens
  public record Words(int vocabulary, int positions) {
    /// Those of bert-base-uncased with `[DEC]` behind its own ids.
    public static final Words BERT_BASE = new Words(30_523, 512);
  }

  /// @throws IllegalArgumentException when sizes do not fit each other
  public QFormerSpec {
    if (layers < 1 || queries < 1 || crossEvery < 1 || heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "a Q-Former of %d layers of width %d with %d heads, %d queries and a look at the image every %d layers cannot be"
              .formatted(layers, width, heads, queries, crossEvery));
    }
  }

  /// As BLIP-2, InstructBLIP and CLOVER have it: the size of bert-base, 32 queries.
  public static QFormerSpec bertBase(int imageWidth, Optional<Words> words) {
    return new QFormerSpec(12, 768, 12, 3072, imageWidth, 2, 32, words, EPSILON, TRAINED);
  }

  /// With BERT's norms.
  public static QFormerSpec of(
      int layers,
      int width,
      int heads,
      int mlpWidth,
      int imageWidth,
      int crossEvery,
      int queries,
      Optional<Words> words,
      Dropout dropout) {
    return new QFormerSpec(
        layers, width, heads, mlpWidth, imageWidth, crossEvery, queries, words, EPSILON, dropout);
  }

  /// The same, reading other texts, or none.
  public QFormerSpec with(Optional<Words> other) {
    return new QFormerSpec(
        layers,
        width,
        heads,
        mlpWidth,
        imageWidth,
        crossEvery,
        queries,
        other,
        normEpsilon,
        dropout);
  }

  /// The same, trained with another dropout.
  public QFormerSpec with(Dropout other) {
    return new QFormerSpec(
        layers, width, heads, mlpWidth, imageWidth, crossEvery, queries, words, normEpsilon, other);
  }

  /// Whether queries look at the image in a layer, counted from 0.
  boolean crosses(int layer) {
    return layer % crossEvery == 0;
  }
}
