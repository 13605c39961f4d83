package dev.eosin.tower;

/// CLIP's vision transformer.
///
/// @param height of the input in pixels
/// @param width of the input in pixels
/// @param patch side of a patch in pixels
/// @param hiddenSize width c of the tokens
public record Vit(
    int height, int width, int patch, int hiddenSize, int layers, int heads, int mlpSize)
    implements ImageSpec {
  public Vit {
    ImageSpec.requirePatchFits(height, width, patch);
  }

  /// The class token and the grid of patches.
  @Override
  public int tokens() {
    return 1 + (height / patch) * (width / patch);
  }

  @Override
  public double flops(int embedSize) {
    return Flops.patches(this, tokens() - 1)
        + Flops.blocks(tokens(), hiddenSize, 2.0 * mlpSize, layers)
        + 2.0 * hiddenSize * embedSize;
  }

  @Override
  public Vit withSize(int height, int width) {
    return new Vit(height, width, patch, hiddenSize, layers, heads, mlpSize);
  }
}
