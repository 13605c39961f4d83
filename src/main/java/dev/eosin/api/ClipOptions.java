package dev.eosin.api;

import dev.eosin.config.CountOrAuto;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import dev.eosin.train.machine.Processor;

/// How a model is opened. Begin with [#DEFAULT] and change what matters.
///
/// @param device what computes
/// @param threads of the CPU; 0 takes every core
/// @param batch images that go through the model together
/// @param precision what it computes in
/// @param average whether a run's moving average is taken instead of its weights
public record ClipOptions(
    Processor device, int threads, int batch, Precision precision, boolean average) {
  /// The GPU where there is one, every core, 32 images at once, fp32, the weights.
  public static final ClipOptions DEFAULT =
      new ClipOptions(Processor.AUTO, 0, 32, Precision.FP32, false);

  /// @throws IllegalArgumentException for a batch below 1 or threads below 0
  public ClipOptions {
    if (batch < 1 || threads < 0) {
      throw new IllegalArgumentException(
          "batch is %d and threads are %d; at least 1 and 0 are expected"
              .formatted(batch, threads));
    }
  }

  /// On another device.
  public ClipOptions withDevice(Processor other) {
    return new ClipOptions(other, threads, batch, precision, average);
  }

  /// With so many threads.
  public ClipOptions withThreads(int count) {
    return new ClipOptions(device, count, batch, precision, average);
  }

  /// With so many images at once.
  public ClipOptions withBatch(int images) {
    return new ClipOptions(device, threads, images, precision, average);
  }

  /// In another number format.
  public ClipOptions withPrecision(Precision other) {
    return new ClipOptions(device, threads, batch, other, average);
  }

  /// With the moving average of a run.
  public ClipOptions withAverage() {
    return new ClipOptions(device, threads, batch, precision, true);
  }

  WeightsPart part() {
    return average ? WeightsPart.AVERAGE : WeightsPart.WEIGHTS;
  }

  ComputeSettings compute() {
    CountOrAuto count = threads == 0 ? new CountOrAuto.Auto() : CountOrAuto.parse("" + threads);
    return new ComputeSettings(device, count);
  }
}
