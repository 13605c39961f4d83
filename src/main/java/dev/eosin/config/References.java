package dev.eosin.config;

import java.util.Map;

/// Environment references in text and paths: `${EOSIN_SHARED}/data`. `$${` stands for the
/// characters `${` themselves.
final class References {
  private static final Map<String, String> DEFAULTS = Map.of("EOSIN_SHARED", "../shared");

  private References() {}

  /// `text` with every reference replaced by the variable's value.
  ///
  /// @throws IllegalArgumentException naming the variable that is not set
  static String expand(String text, Map<String, String> environment) {
    StringBuilder expanded = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      if (text.startsWith("$${", at)) {
        expanded.append("${");
        at += 3;
      } else if (text.startsWith("${", at)) {
        int end = text.indexOf('}', at);
        expanded.append(value(end < 0 ? "" : text.substring(at + 2, end), environment));
        at = end + 1;
      } else {
        expanded.append(text.charAt(at++));
      }
    }
    return expanded.toString();
  }

  /// `text` written so that [#expand] gives it back.
  static String escape(String text) {
    return text.replace("${", "$${");
  }

  private static String value(String name, Map<String, String> environment) {
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      throw new IllegalArgumentException(
          "'${' must be followed by the name of an environment variable and '}';"
              + " write '$${' for the characters themselves");
    }
    String value = environment.getOrDefault(name, DEFAULTS.get(name));
    if (value == null) {
      throw new IllegalArgumentException("the environment variable '" + name + "' is not set");
    }
    return value;
  }
}
