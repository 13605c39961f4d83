package dev.eosin.bench;

/// Times a step again and again.
final class Rates {
  private Rates() {}

  /// Samples per second of each step; the first step warms up and is not counted.
  ///
  /// @param batch samples in a step
  static double[] measure(int batch, int steps, Runnable step) {
    step.run();
    double[] rates = new double[steps];
    for (int i = 0; i < steps; i++) {
      long started = System.nanoTime();
      step.run();
      rates[i] = batch / ((System.nanoTime() - started) / 1e9);
    }
    return rates;
  }
}
