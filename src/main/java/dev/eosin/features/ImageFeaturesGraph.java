package dev.eosin.features;

import dev.eosin.config.DataException;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Rows;
import dev.eosin.tower.ImageTowerGraph;

/// [ImageFeatures] as a graph; blocks above the layer are no part of it.
public record ImageFeaturesGraph(GraphPass pass, ImageFeatures features) {
  /// What pixels are called.
  public static final String PIXELS = "pixel_values";

  /// The features of images [b,n,c] fp32.
  ///
  /// @param pixels [b,3,h,w] fp32, normalised
  /// @throws DataException when a weight is missing
  public GraphValue of(GraphValue pixels) throws DataException {
    GraphValue states =
        new ImageTowerGraph(pass, features.tower()).states(pixels, features.layer());
    return features.everyToken() || features.leading() == 0
        ? states
        : Rows.slice(pass, states, 1, features.leading(), Long.MAX_VALUE);
  }
}
