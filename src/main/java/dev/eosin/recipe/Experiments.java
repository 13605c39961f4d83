package dev.eosin.recipe;

import dev.eosin.experiment.Experiment;

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
