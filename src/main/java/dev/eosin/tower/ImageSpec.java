package dev.eosin.tower;

/// An image tower: which kind, and its sizes.
public sealed interface ImageSpec permits Vit, TimmImage {
  /// Height of the input in pixels.
  int height();

  /// Width of the input in pixels.
  int width();

  /// Side of a patch in pixels.
  int patch();

  /// Width c of the tokens.
  int hiddenSize();

  /// Number of blocks.
  int layers();

  /// Tokens of one image.
  int tokens();

  /// Floating-point operations of one image, forward only.
  double flops(int embedSize);

  /// The same tower for another input size in pixels.
  ImageSpec withSize(int height, int width);

  /// @throws IllegalArgumentException when no whole patch fits
  static void requirePatchFits(int height, int width, int patch) {
    if (patch < 1 || height < patch || width < patch) {
      throw new IllegalArgumentException(
          "image: a patch of %d px does not fit %d x %d px".formatted(patch, height, width));
    }
  }
}
