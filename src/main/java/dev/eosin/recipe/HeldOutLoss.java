package dev.eosin.recipe;

import dev.eosin.data.Batch;
import dev.eosin.data.BatchLoader;
import dev.eosin.data.DataSets;
import dev.eosin.eval.vqa.TokenLossSettings;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.RunSettings;
import dev.eosin.train.Cadence;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;

/// The evaluation `loss` of a family whose batches count by the tokens that are asked for.
///
/// @param recipe whose batches are as large
/// @param data with a validation side
/// @param sum the summed cross entropy of a batch
/// @param weight how many tokens it asks for
record HeldOutLoss(
    RunSettings recipe,
    DataSets data,
    ToDoubleFunction<Batch> sum,
    ToDoubleFunction<Batch> weight) {
  /// As an entry of a training's evaluations.
  ///
  /// @param stop asked before each batch
  Scheduled scheduled(TokenLossSettings settings, Extent extent, BooleanSupplier stop) {
    return new Scheduled(
        step -> of(step, settings.name(), extent, stop),
        new Cadence(settings.every(), recipe.schedule().length()),
        Optional.empty());
  }

  private Optional<EvaluationReport> of(long step, String name, Extent extent, BooleanSupplier stop)
      throws IOException {
    double total = 0;
    double asked = 0;
    int rows = 0;
    try (BatchLoader batches =
        data.evaluationBatches(data.validation().orElseThrow(), recipe.batch().global())) {
      while (batches.hasNext() && rows < extent.evaluatedSamples()) {
        if (stop.getAsBoolean()) {
          return Optional.empty();
        }
        Batch batch = batches.next();
        total += sum.applyAsDouble(batch);
        asked += weight.applyAsDouble(batch);
        rows += batch.size();
      }
    }
    double loss = total / Math.max(1, asked);
    return Optional.of(
        new EvaluationReport(step, name, Map.of("loss", loss, "perplexity", Math.exp(loss))));
  }
}
