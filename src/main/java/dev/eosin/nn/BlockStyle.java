package dev.eosin.nn;

import java.util.OptionalDouble;

/// What sets the blocks of one family of transformers apart.
///
/// @param norms where the layer norms stand
/// @param normEpsilon added to a norm's variance
/// @param gated SwiGLU instead of one activation: the MLP's up projection has twice the rows
/// @param layerScale first value of LayerScale's factors, where the blocks have them
/// @param deviation standard deviation of first weights; empty for CLIP's, by width and depth
/// @param dropout what is left out where a call brings seeds; only blocks with their norms after
///   the sums can
public record BlockStyle(
    Norms norms,
    double normEpsilon,
    boolean gated,
    OptionalDouble layerScale,
    OptionalDouble deviation,
    Dropout dropout) {
  /// Where the layer norms stand.
  public enum Norms {
    /// Before attention and before the MLP.
    BEFORE,
    /// After each sum, as in BERT; the activation is GELU.
    AFTER
  }

  /// As in both of CLIP's towers.
  public static final BlockStyle CLIP =
      new BlockStyle(
          Norms.BEFORE, 1e-5, false, OptionalDouble.empty(), OptionalDouble.empty(), Dropout.NONE);

  public BlockStyle {
    if (norms == Norms.AFTER && (gated || layerScale.isPresent())) {
      throw new IllegalArgumentException(
          "blocks with their norms after the sums have neither SwiGLU nor LayerScale");
    }
    if (norms == Norms.BEFORE && !dropout.equals(Dropout.NONE)) {
      throw new IllegalArgumentException("blocks with their norms before the sums drop nothing");
    }
  }
}
