package dev.eosin.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.Collection;
import java.util.stream.Collectors;

/// Names out of foreign files, made fit for a one-line message.
public final class Quote {
  private static final int LONGEST = 120;

  private Quote() {}

  /// `'name'` with control characters as `?`, cut to 120 characters.
  public static String of(String name) {
    return "'" + line(name) + "'";
  }

  /// The text on one line, control characters as `?`, cut to 120 characters.
  public static String line(String text) {
    return line(text, LONGEST);
  }

  /// The same, cut to another length: for reasons, whose end says how to mend them.
  ///
  /// @param longest characters that are left, at least 1
  public static String line(String text, int longest) {
    StringBuilder line = new StringBuilder();
    text.codePoints().limit(longest).forEach(c -> line.appendCodePoint(printable(c) ? c : '?'));
    return line + (text.codePointCount(0, text.length()) > longest ? "..." : "");
  }

  /// The first few names, and how many there are besides.
  ///
  /// @param most to be named, at least 1
  public static String some(Collection<String> names, int most) {
    String first = names.stream().limit(most).map(Quote::line).collect(Collectors.joining(", "));
    return names.size() > most ? "%s and %d more".formatted(first, names.size() - most) : first;
  }

  /// What is wrong with a JSON text, without the parser's notes about its own buffers.
  static String reason(JsonProcessingException e) {
    String message = e.getOriginalMessage();
    int notes = message.indexOf(" (start marker at");
    return line(notes < 0 ? message : message.substring(0, notes));
  }

  private static boolean printable(int c) {
    int type = Character.getType(c);
    return !Character.isISOControl(c)
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR
        && type != Character.SURROGATE
        && type != Character.FORMAT;
  }
}
