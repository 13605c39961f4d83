package dev.eosin.tower;

/// CLIP's causal text transformer.
///
/// @param context longest caption in tokens
/// @param vocabulary number of token ids
/// @param endOfText which token of a caption is pooled
public record Causal(
    int context,
    int vocabulary,
    int hiddenSize,
    int layers,
    int heads,
    int mlpSize,
    EndOfText endOfText)
    implements TextSpec {
  @Override
  public double flops(int captionTokens, int embedSize) {
    return Flops.blocks(captionTokens, hiddenSize, 2.0 * mlpSize, layers)
        + 2.0 * hiddenSize * embedSize;
  }

  @Override
  public Causal withContext(int context) {
    return new Causal(context, vocabulary, hiddenSize, layers, heads, mlpSize, endOfText);
  }
}
