package dev.eosin.eval;

import dev.eosin.data.batches.Batch;
import dev.eosin.tensor.Tensor;

/// A model with one embedding space that also tells the loss of pairs, as validation sees it: a
/// model of this process, in whatever family.
public interface PairEmbedder extends ImageTextEmbedder {
  /// A batch of pairs, embedded; whoever receives it closes it.
  ///
  /// @param images unit vectors [b v,e] fp32, v of [#vectorsPerImage]
  /// @param texts unit vectors [b,e] fp32, row i belongs to image i
  /// @param loss of the batch
  record Pairs(Tensor images, Tensor texts, double loss) implements AutoCloseable {
    @Override
    public void close() {
      images.close();
      texts.close();
    }
  }

  /// Embeds images and captions of a batch and computes its loss.
  Pairs pairs(Batch batch);

  /// What cosines are multiplied with to be logits, as the model is now.
  double logitScale();

  /// Room for the features of pairs.
  ///
  /// @param most pairs
  PairFeatures roomFor(int most);
}
