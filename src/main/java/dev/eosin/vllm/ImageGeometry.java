package dev.eosin.vllm;

import dev.eosin.image.Filter;
import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.image.transforms.EvaluationTransform.Fit;
import dev.eosin.image.transforms.EvaluationTransform.Rule;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.image.transforms.SquareCanvas;
import dev.eosin.image.transforms.TileTransform;

/// How an image's shape meets the tower's square input: LLaVA's `image_aspect_ratio`. A connector
/// that asks tiles lays them out by itself ([dev.eosin.image.transforms.TileGrid]).
public enum ImageGeometry {
  /// Nothing is cut off: the mean colour around the image makes it square.
  PAD,
  /// The shorter side fills the input, what sticks out of the longer one is cut off.
  CROP,
  /// Both sides fill the input, whatever the aspect.
  SQUASH;

  /// As Hugging Face's CLIP processor resizes and cuts.
  ///
  /// @param side of the input in pixels
  /// @param normalisation whose mean is the colour around images
  public TileTransform transform(int side, Normalisation normalisation) {
    return switch (this) {
      case PAD -> SquareCanvas.ofMean(normalisation, fitted(Fit.SHORTEST, side));
      case CROP -> fitted(Fit.SHORTEST, side);
      case SQUASH -> fitted(Fit.SQUASH, side);
    };
  }

  private static EvaluationTransform fitted(Fit fit, int side) {
    return new EvaluationTransform(Rule.HUGGING_FACE, fit, side, side, Filter.BICUBIC);
  }
}
