package dev.eosin.recipe;

import java.io.IOException;
import java.util.List;
import java.util.SequencedMap;

/// What is measured, opened: a stored model with its data, or what a model left.
public interface OpenedEvaluation extends AutoCloseable {
  /// What is measured: digests of weights and files, fingerprints of data, by name.
  SequencedMap<String, String> inputs();

  /// What a user should know about it, one line each.
  List<String> notes();

  /// The recipe's evaluations, in its order.
  List<Measure> evaluations() throws IOException;

  /// Measures one thing.
  @FunctionalInterface
  interface Measure {
    Measured run() throws IOException;
  }

  @Override
  void close();
}
