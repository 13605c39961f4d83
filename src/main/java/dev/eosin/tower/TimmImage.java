package dev.eosin.tower;

import java.util.OptionalDouble;

/// A vision transformer of timm as open_clip's `TimmModel` uses it: BiomedCLIP's image tower, UNI,
/// DINOv2 and others. The activation is GELU, or SiLU where the MLP is gated.
///
/// @param name timm's, as a configuration names it
/// @param trunk the transformer
/// @param pool how its tokens become one vector
/// @param projection to the embedding
/// @param projectionBias whether the projection's last matrix has a bias
public record TimmImage(
    String name, Trunk trunk, Pool pool, Projection projection, boolean projectionBias)
    implements ImageSpec {
  /// timm's epsilon of every layer norm.
  static final double NORM_EPSILON = 1e-6;

  /// How tokens become one vector.
  public enum Pool {
    /// The class token, after the final norm.
    CLASS_TOKEN,
    /// The mean of the patches, each after the final norm.
    MEAN,
    /// The mean of the patches, then the norm (timm's `fc_norm`).
    MEAN_THEN_NORM
  }

  /// timm's `VisionTransformer` with a class token and learned positions.
  ///
  /// @param height of the input in pixels
  /// @param width of the input in pixels
  /// @param patch side of a patch in pixels
  /// @param hiddenSize width c of the tokens
  /// @param mlpSize what the MLP's second matrix reads
  /// @param gated SwiGLU (timm's `SwiGLUPacked` with SiLU)
  /// @param layerScale first value of LayerScale's factors (`init_values`), where there are any
  /// @param registers register tokens (`reg_tokens`)
  /// @param patchPositionsOnly class token and registers have no position (`no_embed_class`)
  public record Trunk(
      int height,
      int width,
      int patch,
      int hiddenSize,
      int layers,
      int heads,
      int mlpSize,
      boolean gated,
      OptionalDouble layerScale,
      int registers,
      boolean patchPositionsOnly) {
    public Trunk {
      ImageSpec.requirePatchFits(height, width, patch);
    }

    int patches() {
      return (height / patch) * (width / patch);
    }

    /// Rows of the position table.
    public int positions() {
      return patchPositionsOnly ? patches() : 1 + registers + patches();
    }

    Trunk withSize(int newHeight, int newWidth) {
      return new Trunk(
          newHeight,
          newWidth,
          patch,
          hiddenSize,
          layers,
          heads,
          mlpSize,
          gated,
          layerScale,
          registers,
          patchPositionsOnly);
    }
  }

  @Override
  public int height() {
    return trunk.height;
  }

  @Override
  public int width() {
    return trunk.width;
  }

  @Override
  public int patch() {
    return trunk.patch;
  }

  @Override
  public int hiddenSize() {
    return trunk.hiddenSize;
  }

  @Override
  public int layers() {
    return trunk.layers;
  }

  /// The class token, registers and patches.
  @Override
  public int tokens() {
    return 1 + trunk.registers + trunk.patches();
  }

  /// Sizes of the vectors from the pooled one to the embedding.
  int[] projectionSizes(int embedSize) {
    return switch (projection) {
      case NONE -> new int[] {hiddenSize()};
      case LINEAR -> new int[] {hiddenSize(), embedSize};
      case MLP -> new int[] {hiddenSize(), 2 * embedSize, embedSize};
    };
  }

  @Override
  public double flops(int embedSize) {
    double mlpColumns = (trunk.gated ? 3.0 : 2.0) * trunk.mlpSize;
    return Flops.patches(this, trunk.patches())
        + Flops.blocks(tokens(), hiddenSize(), mlpColumns, layers())
        + Flops.chain(projectionSizes(embedSize));
  }

  @Override
  public TimmImage withSize(int height, int width) {
    return new TimmImage(name, trunk.withSize(height, width), pool, projection, projectionBias);
  }
}
