package dev.eosin.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The path to a value as problems and overrides write it: `evaluate.0.every`, `evaluate[0].every`,
/// `classes."a.b".weight`.
final class KeyPath {
  /// Longer paths only come from mistakes, and the pattern recurses.
  private static final int MAX_LENGTH = 1_000;

  private static final Pattern STEP =
      Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*+)\"|\\[([0-9]+)\\]|([^.\\[\\]\"=]+)");

  private KeyPath() {}

  /// `key` below `path`, in quotes where it would not read back as one step.
  static String join(String path, String key) {
    boolean bare = !key.isEmpty() && key.chars().noneMatch(c -> ".[]\"=".indexOf(c) >= 0);
    String step = bare ? key : "\"" + key.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    return path.isEmpty() ? step : path + "." + step;
  }

  /// The steps of `path`.
  ///
  /// @throws IllegalArgumentException when it is not a path
  static List<String> steps(String path) {
    List<String> steps = new ArrayList<>();
    Matcher step = STEP.matcher(path);
    int end = 0;
    do {
      step.region(end, path.length());
      boolean found = path.length() <= MAX_LENGTH && step.lookingAt();
      if (!found || !separated(path, end, step.group(2) != null)) {
        throw new IllegalArgumentException(
            "this is not a key path; write e.g. 'batch.global' or 'evaluate.0.every'");
      }
      steps.add(step(step));
      boolean dot = step.end() < path.length() && path.charAt(step.end()) == '.';
      end = dot ? step.end() + 1 : step.end();
    } while (end < path.length() || path.endsWith("."));
    return steps;
  }

  private static boolean separated(String path, int start, boolean index) {
    if (start == 0) {
      return !index;
    }
    return (path.charAt(start - 1) == '.') != index;
  }

  private static String step(Matcher step) {
    if (step.group(1) != null) {
      return step.group(1).replaceAll("\\\\(.)", "$1");
    }
    return step.group(2) != null ? step.group(2) : step.group(3);
  }
}
