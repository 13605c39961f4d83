package dev.eosin.revise;

/// Where words begin and end.
final class Words {
  private Words() {}

  /// Whether a part of a text is cut out of no word.
  ///
  /// @param from first unit of the part
  /// @param to unit after its last
  static boolean stand(String text, int from, int to) {
    return !(splits(text, from) || splits(text, to));
  }

  private static boolean splits(String text, int place) {
    return place > 0
        && place < text.length()
        && Character.isLetterOrDigit(text.charAt(place - 1))
        && Character.isLetterOrDigit(text.charAt(place));
  }
}
