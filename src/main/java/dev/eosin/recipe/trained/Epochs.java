package dev.eosin.recipe.trained;

import dev.eosin.config.DataException;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.recipe.Recipe;
import dev.eosin.recipe.Training;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The length of a run, written as `3 epochs`: passes over the training data, which has to be
/// opened to know how many updates they are. The run folder keeps the number of updates.
///
/// @param number above 0
record Epochs(BigDecimal number) {
  /// The key that may say it.
  static final String KEY = "schedule.length";

  private static final String FORM = "([0-9]+(?:\\.[0-9]+)?) *epochs?";

  /// Long enough for every warm-up, so that a recipe can be read before its length is known.
  private static final String ANY = KEY + "=1000000000 steps";

  /// Those of a recipe, if it has any.
  ///
  /// @throws RecipeException for none or less
  static Optional<Epochs> of(RecipeFile recipe) {
    Optional<String> text = recipe.text(KEY).map(String::strip).filter(t -> t.matches(FORM));
    if (text.isEmpty()) {
      return Optional.empty();
    }
    var number = new BigDecimal(text.get().replaceAll(FORM, "$1"));
    if (number.signum() == 0) {
      throw new RecipeException(
          recipe.path(),
          List.of(new Problem(recipe.place(KEY), KEY, "a run needs more than 0 epochs")));
    }
    return Optional.of(new Epochs(number));
  }

  /// The override that says the same in updates; opens the data.
  ///
  /// @throws RecipeException when the recipe is wrong otherwise, or its data cannot be opened
  String inSteps(Path file, List<String> overrides) {
    List<String> any = new ArrayList<>(overrides);
    any.add(ANY);
    Training recipe = Recipe.read(file, any, Training.class);
    try {
      long rows = Experiments.of(recipe).data().train().epochContent().size();
      return "%s=%s steps".formatted(KEY, updates(rows, recipe.batch().global()));
    } catch (DataException e) {
      throw refused(file, overrides, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw refused(file, overrides, e.toString());
    }
  }

  private static RecipeException refused(Path file, List<String> overrides, String why) {
    RecipeFile read = RecipeFile.read(file, overrides);
    return new RecipeException(
        file,
        List.of(
            new Problem(
                read.place(KEY),
                KEY,
                "epochs are counted in data.train, which cannot be opened: " + why)));
  }

  /// A last update that an epoch does not fill counts as one.
  ///
  /// @param rows of an epoch
  /// @param batch rows of an update
  BigInteger updates(long rows, int batch) {
    return number
        .multiply(BigDecimal.valueOf(rows))
        .divide(BigDecimal.valueOf(batch), 0, RoundingMode.CEILING)
        .toBigInteger();
  }
}
