package dev.eosin.albef;

import dev.eosin.tensor.Tensor;

/// Unit vectors of pairs, fp32 [b,d].
///
/// @param images of the images
/// @param texts of the texts, row by row
public record Features(Tensor images, Tensor texts) implements AutoCloseable {
  @Override
  public void close() {
    images.close();
    texts.close();
  }
}
