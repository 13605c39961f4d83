package dev.eosin.config;

/// One value that two resolved recipes do not share.
///
/// @param key the key path, such as `optimizer.lr`
/// @param before the value in the earlier recipe as YAML, or `absent`
/// @param after the value in the later recipe as YAML, or `absent`
public record Difference(String key, String before, String after) {
  @Override
  public String toString() {
    return key + ": " + before + " -> " + after;
  }
}
