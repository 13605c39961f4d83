package dev.eosin.vllm;

import dev.eosin.data.batches.BatchImages;
import dev.eosin.features.TowerFeatures;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.PixelInputs;

/// What of a batch's images enters a model.
public sealed interface ImageInput extends AutoCloseable {
  /// Some of the images, for [Pictures]; the caller closes them.
  ///
  /// @param which of the images, in this order `[k]`
  Tensor chosen(BatchImages images, int... which);

  @Override
  void close();

  /// Pixels [k,3,h,w], which go through the image tower in each step.
  ///
  /// @param inputs closed with this
  record Pixels(PixelInputs inputs) implements ImageInput {
    @Override
    public Tensor chosen(BatchImages images, int... which) {
      return inputs.chosen(images.pixels(), which, images.height(), images.width());
    }

    @Override
    public void close() {
      inputs.close();
    }
  }

  /// Features [k,n,c] of a tower that stays as it is, whose weights are not the model's.
  ///
  /// @param tower closed with this
  record Features(TowerFeatures tower) implements ImageInput {
    @Override
    public Tensor chosen(BatchImages images, int... which) {
      return tower.states(images, which);
    }

    @Override
    public void close() {
      tower.close();
    }
  }
}
