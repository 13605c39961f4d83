package dev.eosin.curate.rules;

import dev.eosin.config.DataException;
import java.util.List;
import java.util.Optional;

/// A rule that says something of a row only by rows that have a key in common with it.
public interface KeyedRule extends CollectionRule {
  /// What was found of a row.
  ///
  /// @param order of several findings of a row that with the least counts
  /// @param detail for people
  record Finding(int order, String detail) {}

  /// What others may have in common with the row; none where nothing can be found of it.
  ///
  /// @throws DataException when the row lacks what the step needs
  List<Long> keys(Candidate row) throws DataException;

  /// What is found of a row by the rows that were shown.
  ///
  /// @throws DataException when the row lacks what the step needs
  Optional<Finding> find(Candidate row) throws DataException;

  /// Takes note of what was found of a row.
  ///
  /// @param position of the row
  /// @param key of the row
  /// @return whether it is left out for it
  default boolean settle(int position, String key, String detail) {
    return true;
  }

  @Override
  default Optional<String> judge(Candidate row) throws DataException {
    return find(row)
        .map(Finding::detail)
        .filter(detail -> settle(row.position(), row.row().key(), detail));
  }
}
