package dev.eosin.albef;

/// Sizes of a [TextEncoder].
///
/// @param layers number of layers
/// @param width c, hidden size
/// @param heads of attention, a divisor of the width
/// @param mlpWidth hidden size of the MLPs
/// @param imageWidth e, hidden size of the image's tokens
/// @param vocabulary number of ids
/// @param positions longest text in ids
/// @param normEpsilon added to a norm's variance
public record TextSpec(
    int layers,
    int width,
    int heads,
    int mlpWidth,
    int imageWidth,
    int vocabulary,
    int positions,
    double normEpsilon) {
  /// @throws IllegalArgumentException when no encoder has these sizes
  public TextSpec {
    if (layers < 1 || heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "%d layers of width %d cannot have %d heads".formatted(layers, width, heads));
    }
  }
}
