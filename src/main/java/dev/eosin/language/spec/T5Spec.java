package dev.eosin.language.spec;

/// T5 as an encoder with a decoder: T5 v1.0, v1.1 and FlanT5.
///
/// @param vocabulary entries of the token table that encoder and decoder share
/// @param width hidden size c
/// @param encoderLayers blocks of the encoder
/// @param layers blocks of the decoder
/// @param heads of attention
/// @param headWidth d; heads x d need not be the hidden size
/// @param mlpWidth hidden size of the MLP
/// @param gated what the MLP does between its matrices; the name is older than its third value, and
///   stands in checkpoints
/// @param tied whether the head is the token table, and what enters it is scaled by 1 / sqrt(c)
/// @param buckets of distances between tokens, each with a bias of its own for every head
/// @param farthest distance from which on all are in one bucket
/// @param normEpsilon of the RMS norms
/// @param start the token that the decoder begins with
/// @param context the most tokens that the model was made for; there is no hard limit
public record T5Spec(
    int vocabulary,
    int width,
    int encoderLayers,
    int layers,
    int heads,
    int headWidth,
    int mlpWidth,
    T5Gate gated,
    boolean tied,
    int buckets,
    int farthest,
    double normEpsilon,
    int start,
    int context)
    implements LanguageSpec {
  /// @throws IllegalArgumentException when no model has these sizes
  public T5Spec {
    if (vocabulary < 1 || width < 1 || encoderLayers < 1 || layers < 1 || context < 1) {
      throw new IllegalArgumentException("every size of a T5 model is at least 1");
    }
    if (heads < 1 || headWidth < 1 || mlpWidth < 1) {
      throw new IllegalArgumentException("every size of a T5 block is at least 1");
    }
    if (buckets < 4 || buckets % 2 != 0 || farthest <= buckets / 2) {
      throw new IllegalArgumentException(
          "%d buckets up to a distance of %d: at least 4, an even number, and a distance above half of them are needed"
              .formatted(buckets, farthest));
    }
    if (start < 0 || start >= vocabulary) {
      throw new IllegalArgumentException(
          "the decoder's start token %d is not among %d entries".formatted(start, vocabulary));
    }
  }

  @Override
  public T5Spec withVocabulary(int entries) {
    return with(entries, gated);
  }

  public T5Spec withGate(T5Gate gate) {
    return with(vocabulary, gate);
  }

  private T5Spec with(int entries, T5Gate gate) {
    return new T5Spec(
        entries,
        width,
        encoderLayers,
        layers,
        heads,
        headWidth,
        mlpWidth,
        gate,
        tied,
        buckets,
        farthest,
        normEpsilon,
        start,
        context);
  }
}
