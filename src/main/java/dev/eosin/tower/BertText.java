package dev.eosin.tower;

import dev.eosin.nn.Dropout;

/// A text tower of BERT kind as open_clip's `HFTextEncoder` uses it (BiomedCLIP, QuiltNet-PMB).
///
/// @param name of the encoder's model, as a configuration names it
/// @param context longest caption in tokens, at most the encoder's positions
/// @param encoder the transformer
/// @param pool how its tokens become one vector
/// @param projection to the embedding, without biases
public record BertText(String name, int context, Encoder encoder, Pool pool, Projection projection)
    implements TextSpec {
  public BertText {
    if (context > encoder.positions) {
      throw new IllegalArgumentException(
          "text: captions of %d tokens, but %s has %d positions"
              .formatted(context, name, encoder.positions));
    }
  }

  /// How tokens become one vector.
  public enum Pool {
    /// The first token of the last block.
    FIRST_TOKEN,
    /// The first token through BERT's pooler, a matrix and tanh.
    POOLER,
    /// The mean of the tokens that are no padding.
    MEAN
  }

  /// transformers' `BertModel`.
  ///
  /// @param positions rows of the position table
  /// @param vocabulary number of token ids
  /// @param hiddenSize width c of the tokens
  /// @param tokenTypes rows of the token type table, of which the first is used
  /// @param padding the id that is not attended to
  /// @param dropout of training steps; no part of what the weights mean
  public record Encoder(
      int positions,
      int vocabulary,
      int hiddenSize,
      int layers,
      int heads,
      int mlpSize,
      int tokenTypes,
      int padding,
      double normEpsilon,
      Dropout dropout) {
    /// An encoder that is trained without dropout.
    public Encoder(
        int positions,
        int vocabulary,
        int hiddenSize,
        int layers,
        int heads,
        int mlpSize,
        int tokenTypes,
        int padding,
        double normEpsilon) {
      this(
          positions,
          vocabulary,
          hiddenSize,
          layers,
          heads,
          mlpSize,
          tokenTypes,
          padding,
          normEpsilon,
          Dropout.NONE);
    }

    private Encoder with(Dropout other) {
      return new Encoder(
          positions,
          vocabulary,
          hiddenSize,
          layers,
          heads,
          mlpSize,
          tokenTypes,
          padding,
          normEpsilon,
          other);
    }
  }

  @Override
  public int vocabulary() {
    return encoder.vocabulary;
  }

  @Override
  public int hiddenSize() {
    return encoder.hiddenSize;
  }

  @Override
  public int layers() {
    return encoder.layers;
  }

  /// Sizes of the vectors from the pooled one to the embedding.
  int[] projectionSizes(int embedSize) {
    int c = hiddenSize();
    return switch (projection) {
      case NONE -> new int[] {c};
      case LINEAR -> new int[] {c, embedSize};
      case MLP -> new int[] {c, (c + embedSize) / 2, embedSize};
    };
  }

  @Override
  public double flops(int captionTokens, int embedSize) {
    double pooler = pool == Pool.POOLER ? 2.0 * hiddenSize() * hiddenSize() : 0;
    return Flops.blocks(captionTokens, hiddenSize(), 2.0 * encoder.mlpSize, layers())
        + pooler
        + Flops.chain(projectionSizes(embedSize));
  }

  /// The same tower, trained with another dropout.
  public BertText with(Dropout dropout) {
    return new BertText(name, context, encoder.with(dropout), pool, projection);
  }

  @Override
  public BertText withContext(int context) {
    return new BertText(name, context, encoder, pool, projection);
  }
}
