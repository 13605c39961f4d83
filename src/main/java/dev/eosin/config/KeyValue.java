package dev.eosin.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One `key=value` of the command line.
///
/// @param path the steps of the key
/// @param value what stands there now
record KeyValue(List<String> path, Tree value) {
  private static final Place PLACE = new Place.CommandLine();

  /// Reads `evaluate.0.every=5 steps`. A value that starts with `[`, `{` or a quote is a YAML flow
  /// node, all else is one plain scalar, taken as it stands.
  ///
  /// @return null when it is not a `key=value`, which `problems` then holds
  static @Nullable KeyValue parse(String text, Problems problems) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      problems.add(PLACE, text, "expected key=value, e.g. 'batch.global=64'");
      return null;
    }
    String key = text.substring(0, equals).strip();
    try {
      Tree value = value(text.substring(equals + 1).strip(), key, problems);
      return value == null ? null : new KeyValue(KeyPath.steps(key), value);
    } catch (IllegalArgumentException notAPath) {
      problems.add(PLACE, key, String.valueOf(notAPath.getMessage()));
      return null;
    }
  }

  private static @Nullable Tree value(String text, String key, Problems problems) {
    if (text.isEmpty() || "[{\"'".indexOf(text.charAt(0)) < 0) {
      return new Tree.Scalar(text, true, PLACE);
    }
    try {
      return YamlReader.read(text, line -> PLACE, key, problems);
    } catch (RecipeException malformed) {
      return null; // the problem is noted, the other overrides are still read
    }
  }

  /// Whether this chooses among the records of a choice, and so decides what the other keys mean.
  boolean isChoice() {
    return path.getLast().equals(Overlay.TYPE);
  }

  /// The value below its path, as a tree that [Overlay#assign] lays over a recipe.
  Tree tree() {
    Tree tree = value;
    for (String step : path.reversed()) {
      tree = new Tree.Mapping(Map.of(step, new Tree.Entry(PLACE, tree)), true, PLACE);
    }
    return tree;
  }
}
