package dev.eosin.language.chat;

/// Texts as Python treats them, which Jinja's templates were written for.
final class PythonText {
  private PythonText() {}

  /// Without white space at both ends: all of Unicode's, the no-break space and the separators
  /// U+001C to U+001F among it, which Java's `strip` leaves.
  static String strip(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isSpace(text.charAt(from))) {
      from++;
    }
    while (to > from && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean isSpace(char unit) {
    return Character.isWhitespace(unit) || Character.isSpaceChar(unit) || unit == '\u0085';
  }
}
