package dev.eosin.eval;

import java.util.List;

/// A model with one embedding space for images and texts, as evaluation sees it. Deterministic: no
/// augmentation, no dropout.
public interface ImageTextEmbedder {
  /// Embeds preprocessed images.
  ///
  /// @param images [b, 3, h, w] uint8, red first, at the model's image size; may be longer than
  ///   that
  /// @param count b
  /// @return [b, e], each row of length 1
  float[][] embedImages(byte[] images, int count);

  /// Embeds texts, any number of them: cutting into batches is up to the model.
  ///
  /// @return [b, e], each row of length 1
  float[][] embedTexts(List<String> texts);
}
