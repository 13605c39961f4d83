package dev.eosin.text;

/// The clean-up of a caption before its words are looked up, as open_clip does it: text repair
/// ([TextRepair]), HTML entities decoded twice, white space collapsed to single blanks and stripped
/// at both ends, lower case.
final class CaptionCleaning {
  private CaptionCleaning() {}

  static String clean(String caption) {
    if (isPlain(caption)) {
      return plainClean(caption);
    }
    return LowerCase.of(repaired(caption));
  }

  /// The same without lower case, for tokenizers that see to it themselves.
  static String repaired(String caption) {
    String text = TextRepair.repair(caption);
    text = HtmlEntities.unescape(HtmlEntities.unescape(text));
    return collapse(text);
  }

  /// Whether no repair can apply: ASCII without entities and without control characters save the
  /// white space that collapses anyway.
  private static boolean isPlain(String caption) {
    for (int i = 0; i < caption.length(); i++) {
      char c = caption.charAt(i);
      boolean plain = c >= ' ' ? c < 0x7F && c != '&' : c == '\t' || c == '\n' || c == '\f';
      if (!plain) {
        return false;
      }
    }
    return true;
  }

  private static String plainClean(String caption) {
    StringBuilder out = new StringBuilder(caption.length());
    boolean gap = false;
    for (int i = 0; i < caption.length(); i++) {
      char c = caption.charAt(i);
      if (c <= ' ') {
        gap = !out.isEmpty();
        continue;
      }
      if (gap) {
        out.append(' ');
        gap = false;
      }
      out.append(c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c);
    }
    return out.toString();
  }

  private static String collapse(String text) {
    StringBuilder out = new StringBuilder(text.length());
    boolean gap = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isWhiteSpace(c)) {
        gap = !out.isEmpty();
        continue;
      }
      if (gap) {
        out.append(' ');
        gap = false;
      }
      out.append(c);
    }
    return out.toString();
  }

  /// White space of Python's `str.split`: Unicode's, and the four ASCII separators.
  static boolean isWhiteSpace(char c) {
    if (c < 0x80) {
      return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F);
    }
    return c == 0x85 || Character.isSpaceChar(c);
  }
}
