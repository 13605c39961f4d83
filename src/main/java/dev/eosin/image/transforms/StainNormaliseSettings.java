package dev.eosin.image.transforms;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;

/// `data.image.stain-normalise`: every image, of training and evaluation, in one reference's
/// stains.
@Doc("Give every image the stains of a reference before anything else is done to it.")
public record StainNormaliseSettings(
    @Doc("How: Macenko et al. 2009, as torchstain does.") @OrElse("macenko") Method method,
    @Doc("An image full of tissue, stained as all images shall look.") Path reference) {
  /// How stains are told apart.
  public enum Method {
    MACENKO
  }
}
