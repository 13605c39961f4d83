package dev.eosin.experiment;

import java.util.Map;
import java.util.function.UnaryOperator;

/// Something that a run may not change while it lasts although its recipe does not say it, such as
/// what is in the files that the recipe names. A checkpoint keeps its value; one that lacks the key
/// is of a version that did not know it, and passes.
///
/// @param key in the further keys of a checkpoint's state
/// @param otherwise what is wrong where the values differ
/// @param reading how a value that an older version wrote reads today
public record Pin(String key, String value, String otherwise, UnaryOperator<String> reading) {
  /// A value that every version writes alike.
  public Pin(String key, String value, String otherwise) {
    this(key, value, otherwise, UnaryOperator.identity());
  }

  /// Whether a checkpoint says otherwise.
  ///
  /// @param more the further keys of its state
  public boolean contradicts(Map<String, String> more) {
    return more.containsKey(key) && !reading.apply(more.getOrDefault(key, "")).equals(value);
  }
}
