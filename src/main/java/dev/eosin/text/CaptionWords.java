package dev.eosin.text;

/// Splits a cleaned caption into the words that byte pair encoding works on: runs of letters,
/// single digits, runs of anything else but white space, the English contractions `'s 't 're 've 'm
/// 'll 'd`, and open_clip's two special words.
///
/// The same as open_clip's pattern, matched without regard to case:
/// `<start_of_text>|<end_of_text>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`.
final class CaptionWords {
  private static final String START = "<start_of_text>";
  private static final String END = "<end_of_text>";

  /// A mark that the pattern, matched without regard to case, takes for neither a letter nor
  /// anything else, because its capital form is a letter.
  private static final int IOTA_BELOW = 0x345;

  private final String text;
  private int start;
  private int end;

  CaptionWords(String text) {
    this.text = text;
  }

  /// Moves to the next word, if there is one.
  boolean next() {
    start = end;
    while (start < text.length()) {
      int c = text.codePointAt(start);
      Kind kind = kind(c);
      if (kind != Kind.GAP) {
        end = wordEnd(c, kind);
        return true;
      }
      start += Character.charCount(c);
    }
    end = start;
    return false;
  }

  String word() {
    return text.substring(start, end);
  }

  private int wordEnd(int first, Kind kind) {
    int afterFirst = start + Character.charCount(first);
    return switch (kind) {
      case LETTER -> runEnd(afterFirst, kind);
      case DIGIT, GAP -> afterFirst;
      case OTHER -> {
        int fixed = first == '<' ? special() : first == '\'' ? contraction() : 0;
        yield fixed > 0 ? start + fixed : runEnd(afterFirst, kind);
      }
    };
  }

  private int runEnd(int from, Kind kind) {
    int i = from;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (kind(c) != kind) {
        break;
      }
      i += Character.charCount(c);
    }
    return i;
  }

  private int special() {
    if (startsWith(START)) {
      return START.length();
    }
    return startsWith(END) ? END.length() : 0;
  }

  private int contraction() {
    int left = text.length() - start;
    if (left < 2) {
      return 0;
    }
    char first = folded(text.charAt(start + 1));
    if (first == 's' || first == 't' || first == 'm' || first == 'd') {
      return 2;
    }
    if (left < 3) {
      return 0;
    }
    char second = text.charAt(start + 2);
    boolean long3 = second == 'e' ? first == 'r' || first == 'v' : second == 'l' && first == 'l';
    return long3 ? 3 : 0;
  }

  private boolean startsWith(String word) {
    if (text.length() - start < word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (folded(text.charAt(start + i)) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /// The long s equals s without regard to case, and is lower case already.
  private static char folded(char c) {
    return c == '\u017f' ? 's' : c;
  }

  private static Kind kind(int c) {
    if (c < 0x80) {
      if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
        return Kind.LETTER;
      }
      return c >= '0' && c <= '9' ? Kind.DIGIT : c == ' ' ? Kind.GAP : Kind.OTHER;
    }
    return switch (Character.getType(c)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER ->
          Kind.LETTER;
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
          Kind.DIGIT;
      default -> c == IOTA_BELOW ? Kind.GAP : Kind.OTHER;
    };
  }

  private enum Kind {
    LETTER,
    DIGIT,
    OTHER,
    GAP
  }
}
