package dev.eosin.recipe.found;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.opened.DataSets;
import dev.eosin.eval.vqa.TokenLossSettings;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.TrainingSettings;
import dev.eosin.group.Group;
import dev.eosin.train.Cadence;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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
/// @param group of ranks that compute a batch each by turns
record HeldOutLoss(
    TrainingSettings recipe,
    DataSets data,
    ToDoubleFunction<Batch> sum,
    ToDoubleFunction<Batch> weight,
    Group group) {
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
    int size = recipe.batch().global();
    List<double[]> own = new ArrayList<>();
    try (BatchLoader batches =
        data.evaluationBatches(
            DataSets.VALIDATION,
            data.validation().orElseThrow(),
            size,
            group.rank(),
            group.size())) {
      for (long turn = 0; batches.hasNext(); turn += group.size()) {
        if (turn * size >= extent.evaluatedSamples()) {
          break;
        }
        if (group.any(stop.getAsBoolean())) {
          return Optional.empty();
        }
        Batch batch = batches.next();
        boolean counts =
            batch.size() > 0 && (turn + group.rank()) * size < extent.evaluatedSamples();
        own.add(
            counts
                ? new double[] {sum.applyAsDouble(batch), weight.applyAsDouble(batch)}
                : new double[2]);
      }
    }
    double[] all = together(own);
    double loss = all[0] / Math.max(1, all[1]);
    return Optional.of(
        new EvaluationReport(step, name, Map.of("loss", loss, "perplexity", Math.exp(loss))));
  }

  /// Sums over the batches of all ranks, in the order in which a process alone adds them.
  private double[] together(List<double[]> own) {
    ByteBuffer mine = ByteBuffer.allocate(2 * Double.BYTES * own.size());
    own.forEach(batch -> mine.putDouble(batch[0]).putDouble(batch[1]));
    List<ByteBuffer> all = group.exchange(mine.array()).stream().map(ByteBuffer::wrap).toList();
    double[] sums = new double[2];
    for (int turn = 0; turn < own.size(); turn++) {
      for (ByteBuffer rank : all) {
        sums[0] += rank.getDouble();
        sums[1] += rank.getDouble();
      }
    }
    return sums;
  }
}
