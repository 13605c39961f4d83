package dev.eosin.train;

import dev.eosin.data.batches.Batch;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tensor;
import java.util.Map;
import java.util.function.DoubleSupplier;

/// A model of some family that learns from batches: all that training needs to know of it. What is
/// the same for every family (rates, scales of losses, averages, checkpoints, evaluations) is not
/// here.
public interface Learner extends AutoCloseable {
  /// All weights, trained and others, in the order of checkpoints.
  ParameterSet parameters();

  /// What the model computes in.
  DType compute();

  /// How much a batch counts in a mean over several: its pairs, or its supervised tokens. Summed
  /// over all that make one update before [#differentiate] is called.
  double weight(Batch batch);

  /// Computes the losses of a batch and delivers the gradients of `scale` times their total.
  ///
  /// @param weight of everything that makes this update: losses are sums over the batch divided by
  ///   it, so that shares of a batch add up to the whole
  /// @param scale 1, or what keeps small gradients from vanishing in fp16
  /// @param losses get every part, and are told when all are known
  /// @param sink receives each parameter's gradient once, or once for each part of the rows
  void differentiate(
      Batch batch, double weight, double scale, StepLosses losses, GradientSink sink);

  /// The loss that is trained, but for what only helps training (label smoothing, dropout).
  double measure(Batch batch);

  /// Between which values [#measure] lies while a batch is learned.
  LossRange range(Batch batch);

  /// After an update of the weights: limits of single weights, momentum models, queues.
  ///
  /// @param update counted from 1, without steps that were left out
  void updated(long update);

  /// What else is worth a curve, by its key in `log.jsonl`.
  ///
  /// @param reads what reads it of the device
  Map<String, DoubleSupplier> figures(ScalarReads reads);

  /// What checkpoints hold besides weights and moments, such as queues, by name; written in place
  /// when a run goes on.
  default Map<String, Tensor> kept() {
    return Map.of();
  }

  @Override
  void close();
}
