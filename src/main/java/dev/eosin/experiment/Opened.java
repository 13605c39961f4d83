package dev.eosin.experiment;

import dev.eosin.train.Learner;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// An experiment on an engine: its model, allocated.
public interface Opened extends AutoCloseable {
  /// The model that learns; closed with this.
  Learner learner();

  /// Factors of the learning rate by name of a weight; 1 for those that are missing.
  default Map<String, Double> rateScales() {
    return Map.of();
  }

  /// Fills in the weights that training starts from.
  ///
  /// @return what a user should know about them, one line each
  List<String> begin() throws IOException;

  /// The recipe's evaluations, ready to run on the model as it stands.
  ///
  /// @param extent how far they go
  /// @param stop asked before each batch
  List<Scheduled> evaluations(Extent extent, BooleanSupplier stop) throws IOException;

  /// Writes the trained model as others read it.
  ///
  /// @param model the folder of the whole model
  /// @param adapters the folder of adapters alone, where some are trained
  /// @return what a user should know about what was left out, one line each
  List<String> export(Path model, Path adapters) throws IOException;

  @Override
  void close();
}
