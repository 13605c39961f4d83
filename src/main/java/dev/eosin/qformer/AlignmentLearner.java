package dev.eosin.qformer;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.Tokens;
import dev.eosin.features.TowerFeatures;
import dev.eosin.group.Group;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.Learner;
import dev.eosin.train.LossRange;
import dev.eosin.train.StepLosses;
import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleSupplier;

/// A Q-Former that is aligned with captions behind a frozen image tower. Two of its losses look
/// across the whole batch, so that a batch counts by its pairs.
///
/// @param step how a batch becomes gradients
/// @param features of the frozen tower, closed with the learner
/// @param parameters all weights, closed with the learner
/// @param compute the type of the weights that are trained
public record AlignmentLearner(
    AlignmentStep step, TowerFeatures features, ParameterSet parameters, DType compute)
    implements Learner {
  /// A share of two thirds in one answer and one third in the other.
  private static final double KNOWING_SHARES_ALONE =
      -(Math.log(1.0 / 3) + 2 * Math.log(2.0 / 3)) / 3;

  @Override
  public double weight(Batch batch) {
    return batch.size();
  }

  @Override
  public void differentiate(
      Batch batch, double weight, double scale, StepLosses losses, GradientSink sink) {
    try (Tensor states = features.states(batch)) {
      step.differentiate(rows(batch, states, step.group()), scale, losses, sink);
    }
  }

  /// Of this rank's rows alone.
  @Override
  public double measure(Batch batch) {
    try (Tensor states = features.states(batch)) {
      return measure(batch, states);
    }
  }

  /// Without smoothing of labels, so that the loss of what is known is nothing.
  ///
  /// @param states of the batch's images
  double measure(Batch batch, Tensor states) {
    Alignment model = step.model();
    Alignment plain = new Alignment(model.norm(), model.qformer(), model.heads(), model.begin(), 0);
    AlignmentStep measured =
        new AlignmentStep(
            plain, parameters, step.execution(), step.key(), Group.ALONE, step.atOnce());
    return measured.measure(rows(batch, states, Group.ALONE)).total();
  }

  /// Alone, rows are cut after the longest; on several ranks all are as long as they may be, so
  /// that they can be gathered.
  private static AlignmentStep.Batch rows(Batch batch, Tensor states, Group group) {
    Tokens captions = batch.caption();
    int width = group.size() == 1 ? captions.longest(0, batch.size()) : captions.width();
    long[] positions = batch.rows().stream().mapToLong(Batch.Row::position).toArray();
    return new AlignmentStep.Batch(states, captions(batch, width), positions);
  }

  /// As long as the longest of them.
  static CaptionRows captions(Batch batch) {
    return captions(batch, batch.caption().longest(0, batch.size()));
  }

  private static CaptionRows captions(Batch batch, int width) {
    return CaptionRows.of(batch.caption(), batch.size(), width);
  }

  /// Between a model that tells everything apart and one that tells nothing: which of the batch
  /// belong together, whether a pair does (a third of them do), which word follows.
  @Override
  public LossRange range(Batch batch) {
    int vocabulary = step.model().qformer().spec().words().orElseThrow().vocabulary();
    int alike = batch.size() - (int) Arrays.stream(batch.captionClasses()).distinct().count();
    return new LossRange(
        0, Math.log(batch.size()) + KNOWING_SHARES_ALONE + Math.log(vocabulary), alike);
  }

  @Override
  public void updated(long update) {}

  @Override
  public Map<String, DoubleSupplier> figures(ScalarReads reads) {
    String temperature = step.model().heads().temperature();
    return Map.of("temperature", reads.read(parameters.get(temperature).master()));
  }

  @Override
  public void close() {
    features.close();
    parameters.close();
  }
}
