package dev.eosin.text;

/// Lower case by Unicode's rules without a language, character for character as Python's
/// `str.lower`.
///
/// Java's own `toLowerCase` asks a word-break iterator whether a capital sigma ends a word; Unicode
/// asks for the letters around it.
public final class LowerCase {
  private static final int CAPITAL_SIGMA = 0x3A3;
  private static final int CAPITAL_DOTTED_I = 0x130;

  private LowerCase() {}

  /// The text in lower case.
  public static String of(String text) {
    StringBuilder out = new StringBuilder(text.length() + 1);
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (c == CAPITAL_SIGMA) {
        out.append(endsWord(text, i) ? '\u03c2' : '\u03c3');
      } else if (c == CAPITAL_DOTTED_I) {
        out.append("i\u0307");
      } else {
        out.appendCodePoint(Character.toLowerCase(c));
      }
      i += Character.charCount(c);
    }
    return out.toString();
  }

  private static boolean endsWord(String text, int sigma) {
    int before = sigma;
    while (before > 0 && isIgnored(text.codePointBefore(before))) {
      before -= Character.charCount(text.codePointBefore(before));
    }
    if (before == 0 || !isCased(text.codePointBefore(before))) {
      return false;
    }
    int after = sigma + 1;
    while (after < text.length() && isIgnored(text.codePointAt(after))) {
      after += Character.charCount(text.codePointAt(after));
    }
    return after == text.length() || !isCased(text.codePointAt(after));
  }

  private static boolean isCased(int c) {
    return Character.isLowerCase(c) || Character.isUpperCase(c) || Character.isTitleCase(c);
  }

  /// Unicode's Case_Ignorable.
  private static boolean isIgnored(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.MODIFIER_LETTER,
          Character.MODIFIER_SYMBOL ->
          true;
      default ->
          "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a"
                  .indexOf(c)
              >= 0;
    };
  }
}
