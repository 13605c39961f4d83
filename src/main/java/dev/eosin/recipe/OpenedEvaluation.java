package dev.eosin.recipe;

import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.util.List;
import java.util.SequencedMap;

/// A stored model with its data, ready to be measured.
public interface OpenedEvaluation extends AutoCloseable {
  /// What is measured: digests of the weights and fingerprints of the data, by name.
  SequencedMap<String, String> inputs();

  /// What a user should know about weights and data, one line each.
  List<String> notes();

  /// The recipe's evaluations, in its order; their cadence means nothing here.
  List<Scheduled> evaluations() throws IOException;

  @Override
  void close();
}
