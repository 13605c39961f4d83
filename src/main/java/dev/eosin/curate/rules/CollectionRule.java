package dev.eosin.curate.rules;

import dev.eosin.config.DataException;
import java.util.Map;
import java.util.Optional;

/// A step that looks at rows beside each other. It sees those that the steps before have left, in
/// their order, each once in a pass.
public interface CollectionRule {
  /// Whether it must see all rows before it can judge the first.
  default boolean surveys() {
    return false;
  }

  /// Looks at a row, in a pass of its own.
  ///
  /// @throws DataException when the row lacks what the step needs
  default void survey(Candidate row) throws DataException {}

  /// @return what was found, for people, where the row is left out
  /// @throws DataException when the row lacks what the step needs
  Optional<String> judge(Candidate row) throws DataException;

  /// What it found besides, once all rows are judged.
  ///
  /// @throws DataException when the recipe wants the run refused for it
  default Map<String, String> found() throws DataException {
    return Map.of();
  }
}
