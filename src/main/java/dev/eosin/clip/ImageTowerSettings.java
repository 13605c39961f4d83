package dev.eosin.clip;

import dev.eosin.clip.spec.BareTower;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.Bare;
import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.Optional;

/// The key `model.image-tower` of a CLIP recipe.
@Doc(
    "An image tower alone that takes the place of the model's: a vision transformer of timm's, such as UNI, or a Hugging Face CLIPVisionModel. What makes its output an embedding starts from random values (a CLIPVisionModelWithProjection of the same embedding brings its own); text tower and logit scale are those of preset or config, with the values that weights names. With weights of a run, or initialise-from, it says the architecture alone.")
public record ImageTowerSettings(
    @Doc("A folder with the tower's config.json and its weights, or the file of weights in it.")
        @Bare
        Path from,
    @Doc("The tower's config.json where it is not beside the weights.") Optional<Path> config,
    @Doc(
            "How timm's tokens become one vector, each after the final norm: the class token, or the mean of the patches. CLIP's own towers take the class token.")
        @OrElse("class-token")
        BareTower.Pool pool) {
  /// What the folder says of the tower.
  ///
  /// @throws DataException when it says nothing, or describes something else
  public BareTower tower() throws DataException {
    return BareTower.read(from, config, pool);
  }

  /// A model with this tower in place of its own.
  ///
  /// @throws DataException as [#tower], or when the model's text tower does not go with it
  ClipSpec in(ClipSpec model) throws DataException {
    return tower().in(model);
  }
}
