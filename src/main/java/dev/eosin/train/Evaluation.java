package dev.eosin.train;

import java.io.IOException;
import java.util.Optional;

/// Measures the model at a step; must not change it.
@FunctionalInterface
public interface Evaluation {
  /// @param step updates done
  /// @return empty where the run was asked to stop before all was measured
  Optional<EvaluationReport> run(long step) throws IOException;
}
