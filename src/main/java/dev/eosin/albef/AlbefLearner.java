package dev.eosin.albef;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.Tokens;
import dev.eosin.group.Group;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.PixelInputs;
import dev.eosin.train.HardNegatives;
import dev.eosin.train.Learner;
import dev.eosin.train.LossRange;
import dev.eosin.train.StepLosses;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/// An [Albef] that learns. The queue takes a batch, and the momentum encoder follows, when an
/// update is made: a step that is left out leaves both as they are.
public final class AlbefLearner implements Learner {
  /// A share of two thirds in one answer and one third in the other.
  private static final double KNOWING_SHARES_ALONE =
      -(Math.log(1.0 / 3) + 2 * Math.log(2.0 / 3)) / 3;

  private final AlbefStep step;
  private final FeatureQueue queue;
  private final ContrastSettings contrast;
  private final PixelInputs inputs;
  private final RandomKey key;
  private final int global;
  // What the last batch adds to the queue when its update is made.
  private Optional<Features> waiting = Optional.empty();

  /// @param queue closed with the learner
  /// @param inputs closed with the learner
  /// @param key of the run
  /// @param global rows of a step
  public AlbefLearner(
      AlbefStep step,
      FeatureQueue queue,
      ContrastSettings contrast,
      PixelInputs inputs,
      RandomKey key,
      int global) {
    this.step = step;
    this.queue = queue;
    this.contrast = contrast;
    this.inputs = inputs;
    this.key = key;
    this.global = global;
  }

  /// How a batch becomes gradients.
  public AlbefStep step() {
    return step;
  }

  /// What is kept of earlier pairs.
  public FeatureQueue queue() {
    return queue;
  }

  PixelInputs inputs() {
    return inputs;
  }

  @Override
  public ParameterSet parameters() {
    return step.parameters();
  }

  @Override
  public DType compute() {
    return inputs.compute();
  }

  @Override
  public double weight(Batch batch) {
    return batch.size();
  }

  @Override
  public void differentiate(
      Batch batch, double weight, double scale, StepLosses losses, GradientSink sink) {
    AlbefStep.Rows rows = rows(batch, step.group());
    double alpha = contrast.alphaAt(batch.firstPosition() / global);
    try (Tensor pixels = rows.pixels();
        Features own = step.features(step.model().momentum(), rows)) {
      forget();
      Features all = step.gathered(own);
      waiting = Optional.of(all);
      try (AlbefTargets wanted = AlbefTargets.before(queue, own, all, alpha)) {
        step.differentiate(rows, wanted, scale, losses, sink);
      }
    }
  }

  /// Of this rank's rows among themselves, with hard targets: what queue and momentum encoder hold
  /// does not count.
  @Override
  public double measure(Batch batch) {
    AlbefStep.Rows rows = rows(batch, Group.ALONE);
    try (Tensor pixels = rows.pixels()) {
      return measure(rows);
    }
  }

  double measure(AlbefStep.Rows rows) {
    var alone =
        new AlbefStep(
            step.model(), step.parameters(), step.execution(), Group.ALONE, step.atOnce());
    try (Features own = alone.features(step.model().trained(), rows);
        AlbefTargets wanted = AlbefTargets.alone(own)) {
      return alone.measure(rows, wanted).total();
    }
  }

  /// Alone, rows are cut after the longest; on several ranks all are as long as they may be, so
  /// that they can be gathered. The caller closes the pixels.
  AlbefStep.Rows rows(Batch batch, Group group) {
    Tokens captions = batch.caption();
    int width = group.size() == 1 ? captions.longest(0, batch.size()) : captions.width();
    List<HardNegatives.Uniforms> uniforms =
        batch.rows().stream().map(row -> HardNegatives.Uniforms.of(key, row.position())).toList();
    Tensor pixels =
        inputs.pixels(
            batch.images().pixels(),
            0,
            batch.size(),
            batch.images().height(),
            batch.images().width());
    return new AlbefStep.Rows(pixels, CaptionRows.of(captions, batch.size(), width), uniforms);
  }

  /// Between a model that tells everything apart and one that tells nothing: which of the batch
  /// belong together, whether a pair does (a third of them do).
  @Override
  public LossRange range(Batch batch) {
    int alike = batch.size() - (int) Arrays.stream(batch.captionClasses()).distinct().count();
    return new LossRange(0, Math.log(batch.size()) + KNOWING_SHARES_ALONE, alike);
  }

  @Override
  public void updated(long update) {
    waiting.ifPresent(features -> queue.enter(features.images(), features.texts()));
    forget();
    step.model().limitTemperature(parameters());
    step.model().follow(parameters(), contrast.momentum());
  }

  private void forget() {
    waiting.ifPresent(Features::close);
    waiting = Optional.empty();
  }

  @Override
  public Map<String, DoubleSupplier> figures(ScalarReads reads) {
    String temperature = step.model().judgement().temperature();
    return Map.of("temperature", reads.read(parameters().get(temperature).master()));
  }

  @Override
  public Map<String, Tensor> kept() {
    return queue.kept();
  }

  @Override
  public void close() {
    forget();
    queue.close();
    inputs.close();
    parameters().close();
  }
}
