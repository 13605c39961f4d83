package dev.eosin.recipe.evaluated;

import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.recipe.Recipe;
import dev.eosin.recipe.ReviseEvaluationRecipe;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.recipe.models.ClipModels;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.revise.ReviseSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Whether the runs that an evaluation of revisions names are what it takes them for.
final class ReviserRuns {
  private ReviserRuns() {}

  /// @param model the run, or a folder of another kind, of which nothing is known
  /// @throws RecipeException when the model was trained on other questions than it is asked, or the
  ///   twin otherwise than the model
  static void check(ReviseEvaluationRecipe recipe, Path model) {
    List<Problem> problems = new ArrayList<>();
    Optional<VisionLanguageRecipe> trained = trained(model);
    trained.ifPresent(run -> checkModel(recipe, run, problems));
    if (recipe.twin().isPresent()) {
      Optional<VisionLanguageRecipe> twin = trained(recipe.twin().get());
      if (twin.isEmpty()) {
        problems.add(ClipModels.problem("twin", "is no run of kind: vllm"));
      } else {
        checkTwin(trained, twin.get(), problems);
      }
    }
    if (!problems.isEmpty()) {
      throw new RecipeException(Path.of("the recipe"), problems);
    }
  }

  private static Optional<VisionLanguageRecipe> trained(Path run) {
    Path recipe = run.resolve(StoredRun.RECIPE);
    return Files.isRegularFile(recipe)
            && Recipe.read(recipe, List.of()) instanceof VisionLanguageRecipe trained
        ? Optional.of(trained)
        : Optional.empty();
  }

  private static void checkModel(
      ReviseEvaluationRecipe recipe, VisionLanguageRecipe run, List<Problem> problems) {
    Optional<ReviseSettings> revise = run.revise();
    boolean same =
        revise.isPresent()
            && revise.get().answer() == recipe.revise().answer()
            && revise.get().prompt().equals(recipe.revise().prompt());
    if (!same) {
      problems.add(
          ClipModels.problem(
              "revise",
              "answer or prompt is another than that of %s, the model's run; write them alike"
                  .formatted(run.output().dir())));
    }
  }

  private static void checkTwin(
      Optional<VisionLanguageRecipe> model, VisionLanguageRecipe twin, List<Problem> problems) {
    if (!twin.revise()
        .map(ReviseSettings::images)
        .equals(Optional.of(ReviseSettings.Images.BLANK))) {
      problems.add(
          ClipModels.problem(
              "twin", "was trained on its captions' images; its recipe lacks images: blank"));
    }
    boolean alike =
        model.isEmpty()
            || model.get().schedule().equals(twin.schedule())
                && model.get().batch().equals(twin.batch())
                && model.get().data().equals(twin.data())
                && model.get().revise().map(ReviseSettings::blank).equals(twin.revise())
                && model.get().initialiseFrom().equals(twin.initialiseFrom())
                && model.get().seed() == twin.seed();
    if (!alike) {
      problems.add(
          ClipModels.problem(
              "twin",
              "was trained in other steps or on other data than the model; train it alike"));
    }
  }
}
