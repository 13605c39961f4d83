package dev.eosin.page;

import java.util.Locale;

/// Texts of foreign files as a page shows them: in one piece, and none so long that it hides what
/// comes after it.
public final class Excerpt {
  private static final int LONGEST = 400;
  private static final int NAME = 120;
  private static final int JOINER = 0x200D;
  private static final int NON_JOINER = 0x200C;

  private Excerpt() {}

  /// A caption, an answer or a reason: cut to 400 characters, which is said.
  public static String of(String text) {
    return cut(text, LONGEST);
  }

  /// A name, or what a picture shows: cut to 120 characters, which is said.
  public static String name(String text) {
    return cut(text, NAME);
  }

  private static String cut(String text, int longest) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().limit(longest).forEach(sign -> shown.appendCodePoint(shown(sign)));
    int all = text.codePointCount(0, text.length());
    return all > longest
        ? shown + String.format(Locale.ROOT, "... (%,d characters)", all)
        : shown.toString();
  }

  /// A space for a broken line, and `?` for what cannot be seen and may turn what stands beside it
  /// around. What joins letters and emoji stays.
  private static int shown(int sign) {
    if (Character.isWhitespace(sign)) {
      return ' ';
    }
    int type = Character.getType(sign);
    boolean seen =
        sign == JOINER
            || sign == NON_JOINER
            || !Character.isISOControl(sign)
                && type != Character.SURROGATE
                && type != Character.FORMAT;
    return seen ? sign : '?';
  }
}
