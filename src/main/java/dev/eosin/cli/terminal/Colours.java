package dev.eosin.cli.terminal;

import java.util.Map;

/// Words in colours where a terminal shows them; elsewhere they stay as they are.
///
/// @param shown whether there are colours
public record Colours(boolean shown) {
  private static final String PLAIN = "\u001b[0m";

  /// What stdout shows.
  public static Colours ofStdout() {
    return of(Terminal.isStdout(), System.getenv());
  }

  /// What stderr shows.
  public static Colours ofStderr() {
    return of(Terminal.isStderr(), System.getenv());
  }

  /// Colours where there is a terminal and nobody has said `NO_COLOR` (https://no-color.org).
  ///
  /// @param terminal whether a terminal that draws is at the other end
  static Colours of(boolean terminal, Map<String, String> environment) {
    return new Colours(terminal && environment.getOrDefault("NO_COLOR", "").isEmpty());
  }

  public String strong(String text) {
    return in("1", text);
  }

  public String good(String text) {
    return in("32", text);
  }

  public String doubtful(String text) {
    return in("33", text);
  }

  public String bad(String text) {
    return in("1;31", text);
  }

  private String in(String code, String text) {
    return shown && !text.isEmpty() ? "\u001b[" + code + "m" + text + PLAIN : text;
  }
}
