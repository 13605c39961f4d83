package dev.eosin.features;

import dev.eosin.data.Batch;
import dev.eosin.tensor.Tensor;

/// What a frozen image tower makes of images, computed now or kept from before. Used by one thread.
public interface TowerFeatures extends AutoCloseable {
  /// The tokens of a batch's images [b,m,e], one image a row; the caller closes them.
  Tensor states(Batch batch);

  @Override
  void close();
}
