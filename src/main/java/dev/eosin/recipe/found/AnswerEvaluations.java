package dev.eosin.recipe.found;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.opened.DataSets;
import dev.eosin.eval.Answerer;
import dev.eosin.eval.asking.ToldFacts;
import dev.eosin.eval.vqa.AnswerEvaluation;
import dev.eosin.eval.vqa.TokenLossSettings;
import dev.eosin.eval.vqa.VqaEvaluation;
import dev.eosin.eval.vqa.VqaSettings;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.TrainingSettings;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// The evaluations of a training of a model that answers.
///
/// @param recipe whose run it is
/// @param data with a validation side where there are evaluations
/// @param sum the summed cross entropy of a batch
/// @param weight how many tokens a batch asks for
/// @param answerer the model as it stands
/// @param group of ranks that share them
public record AnswerEvaluations(
    TrainingSettings recipe,
    DataSets data,
    ToDoubleFunction<Batch> sum,
    ToDoubleFunction<Batch> weight,
    Supplier<Answerer> answerer,
    Group group) {
  /// The questions of an evaluation.
  public static VqaEvaluation asking(TrainingSettings recipe, VqaSettings settings, DataSets data)
      throws IOException {
    return VqaEvaluation.of(
        settings,
        data.validation().orElseThrow(),
        Optional.of(data.train()),
        ToldFacts::said,
        new RandomKey(recipe.seed()));
  }

  public List<Scheduled> scheduled(
      List<AnswerEvaluation> evaluations, Extent extent, BooleanSupplier stop) throws IOException {
    List<Scheduled> scheduled = new ArrayList<>();
    for (AnswerEvaluation evaluation : evaluations) {
      scheduled.add(
          switch (evaluation) {
            case TokenLossSettings loss ->
                new HeldOutLoss(recipe, data, sum, weight, group).scheduled(loss, extent, stop);
            case VqaSettings vqa ->
                asking(recipe, vqa, data)
                    .scheduled(recipe.schedule().length(), answerer, stop, group);
          });
    }
    return scheduled;
  }
}
