package dev.eosin.clip;

import dev.eosin.nn.Activation;
import dev.eosin.nn.Transformer;

/// A CLIP architecture.
///
/// @param embedSize length of the shared embedding
/// @param image the vision transformer
/// @param text the causal text transformer
/// @param activation of both towers
/// @param endOfText which token of a caption is pooled
public record ClipSpec(
    int embedSize, Image image, Text text, Activation activation, EndOfText endOfText) {
  /// @param height of the input in pixels
  /// @param width of the input in pixels
  /// @param patch side of a patch in pixels
  /// @param hiddenSize width c of the tokens
  public record Image(
      int height, int width, int patch, int hiddenSize, int layers, int heads, int mlpSize) {
    public Image {
      if (patch < 1 || height < patch || width < patch) {
        throw new IllegalArgumentException(
            "image: a patch of %d px does not fit %d x %d px".formatted(patch, height, width));
      }
    }

    /// Tokens of one image: the class token and the grid of patches.
    public int tokens() {
      return 1 + (height / patch) * (width / patch);
    }
  }

  /// @param context longest caption in tokens
  /// @param vocabulary number of token ids
  public record Text(
      int context, int vocabulary, int hiddenSize, int layers, int heads, int mlpSize) {}

  /// Where a caption is pooled.
  public sealed interface EndOfText {
    /// At its largest id, the first of equals: open_clip, and Hugging Face configs with
    /// `eos_token_id` 2.
    record LargestId() implements EndOfText {}

    /// At the first occurrence of one id: newer Hugging Face configs.
    record FirstOf(int id) implements EndOfText {}
  }

  /// The same towers for another input.
  ///
  /// @param height of the image in pixels
  /// @param width of the image in pixels
  /// @param context longest caption in tokens
  public ClipSpec withInput(int height, int width, int context) {
    return new ClipSpec(
        embedSize,
        new Image(
            height, width, image.patch, image.hiddenSize, image.layers, image.heads, image.mlpSize),
        new Text(context, text.vocabulary, text.hiddenSize, text.layers, text.heads, text.mlpSize),
        activation,
        endOfText);
  }

  Transformer imageTower() {
    return new Transformer(
        "image", image.layers, image.hiddenSize, image.heads, image.mlpSize, false, activation);
  }

  Transformer textTower() {
    return new Transformer(
        "text", text.layers, text.hiddenSize, text.heads, text.mlpSize, true, activation);
  }

  /// Multiply-adds counted as two, for one image and one caption of `captionTokens`, forward only.
  public double forwardFlops(int captionTokens) {
    return imageFlops() + textFlops(captionTokens);
  }

  /// Floating-point operations of one image, forward only.
  public double imageFlops() {
    double patches = 2.0 * (image.tokens() - 1) * 3 * image.patch * image.patch * image.hiddenSize;
    return patches
        + towerFlops(image.tokens(), image.hiddenSize, image.mlpSize, image.layers)
        + 2.0 * image.hiddenSize * embedSize;
  }

  /// Floating-point operations of one caption, forward only.
  public double textFlops(int captionTokens) {
    return towerFlops(captionTokens, text.hiddenSize, text.mlpSize, text.layers)
        + 2.0 * text.hiddenSize * embedSize;
  }

  private static double towerFlops(int tokens, int width, int mlp, int layers) {
    double linear = 2.0 * tokens * (4.0 * width * width + 2.0 * width * mlp);
    double attention = 4.0 * tokens * tokens * width;
    return layers * (linear + attention);
  }
}
