package dev.eosin.recipe.trained;

import dev.eosin.config.Binder;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.recipe.AlbefRecipe;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.LanguageRecipe;
import dev.eosin.recipe.QFormerAlignRecipe;
import dev.eosin.recipe.QFormerInstructRecipe;
import dev.eosin.recipe.Training;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.recipe.models.ClipModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Whether `eosin train` would take a recipe, as far as the recipe alone tells.
public final class RecipeProblems {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");
  private static final Path NAME = Path.of("the recipe");

  private RecipeProblems() {}

  /// What is wrong with a recipe in itself, and between its model, lock, input sizes and tokenizer.
  /// Files that it names need not be here, nor variables that it refers to.
  public static List<Problem> of(String yaml) {
    Map<String, String> variables = new HashMap<>();
    VARIABLE.matcher(yaml).results().forEach(found -> variables.put(found.group(1), "elsewhere"));
    try {
      RecipeFile file = RecipeFile.parse(NAME, yaml, List.of(), variables);
      return switch (Binder.bind(file, Training.class)) {
        case ClipRecipe clip -> between(clip);
        case AlbefRecipe _,
            LanguageRecipe _,
            QFormerAlignRecipe _,
            QFormerInstructRecipe _,
            VisionLanguageRecipe _ ->
            List.of(); // their files are elsewhere
      };
    } catch (RecipeException refused) {
      return refused.problems();
    }
  }

  private static List<Problem> between(ClipRecipe recipe) {
    try {
      ClipModels.spec(recipe, recipe.data().text().tokenizer().open());
      return List.of();
    } catch (IOException elsewhere) {
      return List.of(); // a tokenizer or configuration of another machine
    }
  }
}
