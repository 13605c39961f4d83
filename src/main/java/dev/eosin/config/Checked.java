package dev.eosin.config;

/// A setting record whose parts must agree in a way that one constructor cannot see or report well.
///
/// A check of a record's own components belongs into its compact constructor, which throws
/// `IllegalArgumentException("crop-scale: the first number must not be above the second")`: the
/// binder reports it at the line of the key named before the colon. This interface is for checks
/// across nested records, and for several problems at once.
public interface Checked {
  /// Reports what does not fit together; called once every component is valid.
  void check(Findings findings);

  /// Takes the problems of one record.
  @FunctionalInterface
  interface Findings {
    /// Notes one problem.
    ///
    /// @param key the key path below the record, such as `train.path`; empty for the record itself
    /// @param message what was found, what was expected, how to mend it
    void add(String key, String message);
  }
}
