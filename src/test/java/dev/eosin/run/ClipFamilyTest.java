package dev.eosin.run;

import dev.eosin.experiment.RunSettings;
import dev.eosin.recipe.trained.TrainableRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class ClipFamilyTest extends FamilyContract {
  @Override
  public RunSettings recipe(Path home, List<String> overrides) throws IOException {
    Path recipe = home.resolve("recipe.yaml");
    if (!Files.exists(recipe)) {
      SmallRun.in(home);
    }
    return TrainableRecipe.read(recipe, overrides);
  }
}
