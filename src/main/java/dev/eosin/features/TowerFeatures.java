package dev.eosin.features;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.tensor.Tensor;
import java.util.stream.IntStream;

/// What a frozen image tower makes of images, computed now or kept from before. k images, n tokens
/// of each, c the tower's hidden size. Used by one thread.
public interface TowerFeatures extends AutoCloseable {
  /// The tokens of some of a batch's images [k,n,c], in one floating type; the caller closes them.
  ///
  /// @param which of the images, in this order `[k]`
  /// @throws java.io.UncheckedIOException when features that are kept cannot be read or written
  Tensor states(BatchImages images, int... which);

  /// As above, of all images of a batch of one image a row.
  default Tensor states(Batch batch) {
    batch.images().requireOneEach(batch.size());
    return states(batch.images(), IntStream.range(0, batch.size()).toArray());
  }

  @Override
  void close();
}
