package dev.eosin.recipe.trained;

import dev.eosin.experiment.Experiment;
import dev.eosin.recipe.AlbefRecipe;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.LanguageRecipe;
import dev.eosin.recipe.QFormerAlignRecipe;
import dev.eosin.recipe.QFormerInstructRecipe;
import dev.eosin.recipe.Training;
import dev.eosin.recipe.VisionLanguageRecipe;

/// What each family's recipe trains.
public final class Experiments {
  private Experiments() {}

  public static Experiment of(Training recipe) {
    return switch (recipe) {
      case AlbefRecipe albef -> new AlbefExperiment(albef);
      case ClipRecipe clip -> new ClipExperiment(clip);
      case LanguageRecipe language -> new LanguageExperiment(language);
      case QFormerAlignRecipe align -> new QFormerAlignExperiment(align);
      case QFormerInstructRecipe instruct -> new QFormerInstructExperiment(instruct);
      case VisionLanguageRecipe vision -> new VisionLanguageExperiment(vision);
    };
  }
}
