package dev.eosin.clip.spec;

import dev.eosin.nn.Activation;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.TextSpec;

/// A CLIP architecture.
///
/// @param embedSize length of the shared embedding
/// @param image the image tower
/// @param text the text tower
/// @param activation of CLIP's own transformers, in both towers; other kinds bring their own
/// @param logitBias whether a bias is added to the logits, as SigLIP's loss needs it
public record ClipSpec(
    int embedSize, ImageSpec image, TextSpec text, Activation activation, boolean logitBias) {
  /// An architecture without a logit bias.
  public ClipSpec(int embedSize, ImageSpec image, TextSpec text, Activation activation) {
    this(embedSize, image, text, activation, false);
  }

  /// The same towers for another input.
  ///
  /// @param height of the image in pixels
  /// @param width of the image in pixels
  /// @param context longest caption in tokens
  public ClipSpec withInput(int height, int width, int context) {
    return new ClipSpec(
        embedSize, image.withSize(height, width), text.withContext(context), activation, logitBias);
  }

  /// The same with another text tower.
  public ClipSpec withText(TextSpec other) {
    return new ClipSpec(embedSize, image, other, activation, logitBias);
  }

  /// The same with another image tower.
  ///
  /// @param other its activation where it is CLIP's own
  public ClipSpec withImage(ImageSpec image, Activation other) {
    return new ClipSpec(embedSize, image, text, other, logitBias);
  }

  /// The same towers with a logit bias.
  public ClipSpec withLogitBias() {
    return withLogitBias(true);
  }

  /// The same towers with a logit bias or without.
  public ClipSpec withLogitBias(boolean biased) {
    return new ClipSpec(embedSize, image, text, activation, biased);
  }

  /// Multiply-adds counted as two, for one image and one caption of `captionTokens`, forward only.
  public double forwardFlops(int captionTokens) {
    return imageFlops() + textFlops(captionTokens);
  }

  /// Floating-point operations of one image, forward only.
  public double imageFlops() {
    return image.flops(embedSize);
  }

  /// Floating-point operations of one caption, forward only.
  public double textFlops(int captionTokens) {
    return text.flops(captionTokens, embedSize);
  }
}
