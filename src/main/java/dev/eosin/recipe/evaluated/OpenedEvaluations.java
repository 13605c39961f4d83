package dev.eosin.recipe.evaluated;

import dev.eosin.config.DataException;
import dev.eosin.eval.activations.StoredActivations;
import dev.eosin.group.Group;
import dev.eosin.recipe.ActivationProbeRecipe;
import dev.eosin.recipe.ClipEvaluationRecipe;
import dev.eosin.recipe.Evaluation;
import dev.eosin.recipe.RetrievalRecipe;
import dev.eosin.recipe.ReviseEvaluationRecipe;
import dev.eosin.recipe.SlideEvaluationRecipe;
import dev.eosin.recipe.TileEvaluationRecipe;
import dev.eosin.recipe.VqaEvaluationRecipe;
import dev.eosin.recipe.found.AboutData;
import dev.eosin.recipe.found.AnswersFrom;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.tensor.KernelListener;
import java.io.IOException;
import java.nio.file.Path;

/// What each kind of evaluation opens to be measured: model and data, with the engine where one is
/// needed.
public final class OpenedEvaluations {
  private OpenedEvaluations() {}

  /// As below, in a process alone.
  public static OpenedEvaluation open(Evaluation recipe) throws IOException {
    return open(recipe, Group.ALONE);
  }

  /// To be measured by ranks: of what is embedded, answered, learnt or compared each has a part,
  /// and no sample is left out or counted twice.
  ///
  /// @throws dev.eosin.config.RecipeException when parts of the recipe do not fit each other
  /// @throws IOException when data or weights are at fault
  /// @throws dev.eosin.config.MachineException when the device cannot be used, or several ranks
  ///   have nothing to share
  public static OpenedEvaluation open(Evaluation recipe, Group group) throws IOException {
    return switch (recipe) {
      case ActivationProbeRecipe layers -> probe(layers, group);
      case ClipEvaluationRecipe clip ->
          OpenedClipEvaluation.open(clip, clip.compute().start(KernelListener.NONE, group), group);
      case RetrievalRecipe pairs -> OpenedRetrieval.open(pairs, group);
      case ReviseEvaluationRecipe captions -> revisions(captions, group);
      case SlideEvaluationRecipe slides -> OpenedSlideEvaluation.open(slides, group);
      case TileEvaluationRecipe tiles -> OpenedTileEvaluation.open(tiles, group);
      case VqaEvaluationRecipe questions -> answers(questions, group);
    };
  }

  private static OpenedEvaluation probe(ActivationProbeRecipe recipe, Group group)
      throws IOException {
    if (recipe.live().isPresent()) {
      return LiveActivationProbe.open(recipe, recipe.live().get(), group);
    }
    StoredActivations opened =
        StoredActivations.open(recipe.states().orElseThrow(), recipe.table());
    try {
      return OpenedActivationProbe.of(recipe, opened, group);
    } catch (IOException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  private static OpenedEvaluation revisions(ReviseEvaluationRecipe recipe, Group group)
      throws IOException {
    if (group.size() > 1) {
      recipe.ofRanks();
    }
    return switch (recipe.answers()) {
      case AnswersFrom.File(Path path) -> OpenedRevisions.of(recipe, path);
      case AnswersFrom.LanguageModel model -> AskedReviser.open(recipe, model, group);
      case AnswersFrom.Service _ -> throw new IllegalStateException("checked");
    };
  }

  private static OpenedEvaluation answers(VqaEvaluationRecipe recipe, Group group)
      throws IOException {
    if (group.size() > 1) {
      recipe.ofRanks();
    }
    try {
      return switch (recipe.answers()) {
        case AnswersFrom.File(Path path) -> OpenedVqaEvaluation.ofFile(recipe, path);
        case AnswersFrom.LanguageModel model -> AskedVqaEvaluation.of(recipe, model, group);
        case AnswersFrom.Service service -> AskedVqaEvaluation.of(recipe, service);
      };
    } catch (DataException e) {
      throw AboutData.expecting(recipe.about(), e);
    }
  }
}
