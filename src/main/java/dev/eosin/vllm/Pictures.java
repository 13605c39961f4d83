package dev.eosin.vllm;

import dev.eosin.tensor.Tensor;

/// The images of some rows, in the order in which the rows show them. b images: as pixels
/// [b,3,h,w], normalised, or as features [b,n,c] of an image tower that stays as it is.
public sealed interface Pictures {
  /// The images; the caller's.
  Tensor whole();

  /// Each image alone.
  record Whole(Tensor whole) implements Pictures {}

  /// Each image with its tiles.
  ///
  /// @param tiles of all images, image after image and row by row, alike; the caller's
  /// @param counts of each image's tiles `[b]`, at least one
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Tiled(Tensor whole, Tensor tiles, int[] counts) implements Pictures {}
}
