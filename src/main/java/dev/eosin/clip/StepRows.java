package dev.eosin.clip;

import dev.eosin.tensor.Tensor;

/// The rows of one step as tensors, any range of them, as often as asked: a gradient cache embeds
/// every range twice. b rows, h x w pixels, n tokens.
public interface StepRows {
  /// b
  int size();

  /// Normalised pixels [to-from,3,h,w] in the compute type; the caller closes them.
  Tensor pixels(int from, int to);

  /// Token ids int64 [to-from,n], cut after the longest caption of the range; the caller closes
  /// them.
  Tensor ids(int from, int to);

  /// For each row the first row with an equal caption, int64 [b]; the caller closes them.
  Tensor captionClasses();
}
