package dev.eosin.albef;

import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.Vit;
import java.util.List;

/// An image tower, a text encoder and their projections: of the model that is trained, and once
/// more of the one that follows it.
///
/// @param images tower
/// @param texts encoder
/// @param projections of both
public record PairEncoder(ImageEncoder images, TextEncoder texts, Projections projections) {
  static PairEncoder of(
      String before, Vit vit, Activation activation, TextSpec text, int embedSize) {
    return new PairEncoder(
        ImageEncoder.of(before + "image", vit, activation),
        new TextEncoder(before + "text", text),
        new Projections(before + "projections", embedSize, vit.hiddenSize(), text.width()));
  }

  /// In the order of the forward pass.
  public List<Part> parts() {
    return List.of(images, texts, projections);
  }

  /// Of all parts, in order.
  public List<Weight> weights() {
    return parts().stream().flatMap(part -> part.weights().stream()).toList();
  }

  /// Unit vectors of images, fp32 [b,d].
  ///
  /// @param pixels [b,3,h,w], normalised
  public Value imageFeatures(Pass pass, Tensor pixels) {
    Value states = images.states(pass, pixels);
    Value features = projections.images(pass, states);
    pass.release(states);
    return features;
  }

  /// Unit vectors of texts, fp32 [b,d].
  public Value textFeatures(Pass pass, CaptionRows captions) {
    Value states = texts.alone(pass, captions);
    Value features = projections.texts(pass, states);
    pass.release(states);
    return features;
  }
}
