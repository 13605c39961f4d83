package dev.eosin.recipe.models;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.Clip;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.file.FileContent;
import dev.eosin.nn.Weight;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.Training;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A model of the right sizes whose weights are all zero: something to look at where none was
/// trained.
public final class BlankModel {
  private BlankModel() {}

  /// Under Eosin's names; nothing where the recipe is not of kind clip.
  ///
  /// @throws DataException when the architecture cannot be read
  /// @throws RecipeException when the recipe cannot
  public static FileContent of(Path recipe) throws DataException, RecipeException {
    var model = new SafetensorsWriter(Map.of());
    if (Training.read(recipe, List.of()) instanceof ClipRecipe clip) {
      for (Weight weight : Clip.weights(ClipModels.sized(clip, clip.model().spec()))) {
        long elements = Arrays.stream(weight.shape()).reduce(1, Math::multiplyExact);
        float[] zeros = new float[Math.toIntExact(elements)];
        model.add(weight.name(), TensorData.of(zeros, weight.shape()));
      }
    }
    return model;
  }
}
