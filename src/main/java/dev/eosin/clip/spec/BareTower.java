package dev.eosin.clip.spec;

import dev.eosin.config.DataException;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.nn.Activation;
import dev.eosin.tower.Causal;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// An image tower that is no part of a model on disk, as its configuration describes it: timm's
/// vision transformer, or the vision model of a Hugging Face CLIP.
///
/// @param config the configuration
/// @param image with its own input size, and, of timm's, a linear projection
/// @param activation of CLIP's own towers; timm's bring theirs
/// @param normalisation of the images that it was trained on, where that is said
public record BareTower(
    Path config,
    ImageSpec image,
    Optional<Activation> activation,
    Optional<Normalisation> normalisation) {
  /// How the tokens of timm's become one vector.
  public enum Pool {
    CLASS_TOKEN,
    MEAN
  }

  /// Reads a configuration; no weights are looked at.
  ///
  /// @param from a folder, or a file of weights in it
  /// @param named the configuration where it is elsewhere
  /// @throws DataException when there is none, or it describes something else
  public static BareTower read(Path from, Optional<Path> named, Pool pool) throws DataException {
    Path folder = Files.isDirectory(from) ? from : from.toAbsolutePath().resolveSibling("");
    Path config = named.orElse(folder.resolve(ClipConfigFile.HUGGING_FACE));
    if (named.isEmpty() && !Files.exists(config)) {
      throw new DataException(
          "%s: has no config.json, and weights alone do not tell how many heads a tower has; put timm's or Hugging Face's there, or name it as model.image-tower.config"
              .formatted(from));
    }
    return TimmModelConfig.is(config) ? timm(config, pool) : huggingFace(config);
  }

  private static BareTower timm(Path config, Pool pool) throws DataException {
    TimmModelConfig timm = TimmModelConfig.read(config);
    TimmImage image =
        new TimmImage(
            timm.image().name(),
            timm.image().trunk(),
            switch (pool) {
              case CLASS_TOKEN -> TimmImage.Pool.CLASS_TOKEN;
              case MEAN -> TimmImage.Pool.MEAN;
            },
            Projection.LINEAR,
            false);
    return new BareTower(config, image, Optional.empty(), timm.normalisation());
  }

  private static BareTower huggingFace(Path config) throws DataException {
    var json = ClipConfigFile.read(config).json();
    JsonFields vision = HuggingFaceConfig.vision(config.toString(), json);
    return new BareTower(
        config,
        HuggingFaceConfig.image(vision),
        Optional.of(HuggingFaceConfig.activation(vision)),
        Optional.empty());
  }

  /// A model with this tower in place of its own.
  ///
  /// @throws DataException when a text tower of CLIP's own computes with another activation
  public ClipSpec in(ClipSpec model) throws DataException {
    Activation chosen = activation.orElse(model.activation());
    if (chosen != model.activation() && model.text() instanceof Causal) {
      throw new DataException(
          "%s: the tower computes with %s, the text tower of model.preset or model.config with %s; take one with the same: a preset %s -quickgelu"
              .formatted(
                  config,
                  name(chosen),
                  name(model.activation()),
                  chosen.quick() ? "with" : "without"));
    }
    return model.withImage(image, chosen);
  }

  private static String name(Activation activation) {
    return activation.quick() ? "quick_gelu" : "gelu";
  }
}
