package dev.eosin.text;

/// What counts as a caption, whichever source it comes from.
public final class CaptionText {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private CaptionText() {}

  /// A text from a data file without byte order marks, which files that were joined leave inside.
  public static String of(String text) {
    return text.indexOf(BYTE_ORDER_MARK) < 0
        ? text
        : text.replace(String.valueOf(BYTE_ORDER_MARK), "");
  }

  /// A caption after the clean-up that comes before every tokenizer's own: text repair, HTML
  /// entities, white space. Its case stays.
  public static String cleaned(String caption) {
    return CaptionCleaning.repaired(of(caption));
  }

  /// Whether clean-up leaves nothing of a caption: it would have no ids between start and end of
  /// text, and train towards nothing.
  public static boolean isEmpty(String caption) {
    return !isPlain(caption) && CaptionCleaning.clean(caption).isEmpty();
  }

  /// Whether a letter or digit is in it and nothing that clean-up could take away with it.
  private static boolean isPlain(String caption) {
    if (caption.indexOf('&') >= 0 || caption.indexOf('\u001b') >= 0) {
      return false;
    }
    for (int i = 0; i < caption.length(); i++) {
      char c = caption.charAt(i);
      if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
        return true;
      }
    }
    return false;
  }
}
