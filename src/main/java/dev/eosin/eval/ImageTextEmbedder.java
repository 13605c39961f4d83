package dev.eosin.eval;

import dev.eosin.data.batches.BatchImages;
import java.util.List;

/// A model with one embedding space for images and texts, as evaluation sees it. Deterministic: no
/// augmentation, no dropout.
public interface ImageTextEmbedder {
  /// v, the vectors of one image: a model may look at it in several ways (a Q-Former's queries).
  /// The score of an image and a text is the largest of their cosines.
  default int vectorsPerImage() {
    return 1;
  }

  /// Embeds preprocessed images.
  ///
  /// @param images [b, 3, h, w] uint8, red first, at the model's image size; may be longer than
  ///   that
  /// @param count b
  /// @return [b v, e], each row of length 1; the vectors of an image are neighbours
  float[][] embedImages(byte[] images, int count);

  /// As above, all images of a batch of the model's image size, of which a model takes a few at a
  /// time where it can: a batch may be larger than an array, or than Java's heap.
  default float[][] embedImages(BatchImages images) {
    return embedImages(images.onHeap(), images.count());
  }

  /// Embeds texts, any number of them: cutting into batches is up to the model.
  ///
  /// @return [b, e], each row of length 1
  float[][] embedTexts(List<String> texts);
}
