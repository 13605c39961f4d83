package dev.eosin.bench;

import dev.eosin.tensor.ProcessorTime;

/// Times a step again and again.
///
/// @param perSecond samples per second of each step
/// @param processorSeconds of a step, of all threads; 0 where the system does not tell
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record Rates(double[] perSecond, double processorSeconds) {
  /// Samples per second of each step; the first step warms up and is not counted.
  ///
  /// @param batch samples in a step
  static double[] measure(int batch, int steps, Runnable step) {
    return timed(batch, steps, step).perSecond;
  }

  /// As above, with the processor time of the steps that are counted.
  static Rates timed(int batch, int steps, Runnable step) {
    step.run();
    ProcessorTime clock = ProcessorTime.find();
    long used = clock.nanos().orElse(0);
    double[] rates = new double[steps];
    for (int i = 0; i < steps; i++) {
      long started = System.nanoTime();
      step.run();
      rates[i] = batch / ((System.nanoTime() - started) / 1e9);
    }
    return new Rates(rates, (clock.nanos().orElse(0) - used) / 1e9 / steps);
  }

  @Override
  public String toString() {
    return perSecond.length + " steps";
  }
}
