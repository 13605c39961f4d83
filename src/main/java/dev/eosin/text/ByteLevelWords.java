package dev.eosin.text;

import java.util.function.Consumer;

/// Cuts text into the words inside which byte pairs are merged, as GPT-2 does.
///
/// The words, one after the other, are the whole text. Source: GPT-2's pattern
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, written out
/// because it is most of a trainer's time.
final class ByteLevelWords {
  private enum Kind {
    LETTER,
    NUMBER,
    SPACE,
    OTHER
  }

  private ByteLevelWords() {}

  static void cut(String text, Consumer<String> words) {
    int from = 0;
    while (from < text.length()) {
      int to = end(text, from);
      words.accept(text.substring(from, to));
      from = to;
    }
  }

  private static int end(String text, int from) {
    int suffix = suffix(text, from);
    if (suffix > 0) {
      return from + suffix;
    }
    int first = text.codePointAt(from) == ' ' ? from + 1 : from;
    Kind kind = first < text.length() ? kind(text.codePointAt(first)) : Kind.SPACE;
    if (kind != Kind.SPACE) {
      return runEnd(text, first, kind);
    }
    int end = runEnd(text, from, Kind.SPACE);
    // The last blank before a word belongs to the word.
    int last = text.offsetByCodePoints(end, -1);
    return end < text.length() && last > from ? last : end;
  }

  private static int runEnd(String text, int from, Kind kind) {
    int at = from;
    while (at < text.length()) {
      int character = text.codePointAt(at);
      if (kind(character) != kind) {
        break;
      }
      at += Character.charCount(character);
    }
    return at;
  }

  /// The length of an English ending such as `'s` that starts here, or 0.
  private static int suffix(String text, int at) {
    if (text.charAt(at) != '\'' || at + 1 == text.length()) {
      return 0;
    }
    return switch (text.charAt(at + 1)) {
      case 's', 't', 'm', 'd' -> 2;
      case 'r', 'v' -> text.startsWith("e", at + 2) ? 3 : 0;
      case 'l' -> text.startsWith("l", at + 2) ? 3 : 0;
      default -> 0;
    };
  }

  private static Kind kind(int character) {
    return switch (Character.getType(character)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER ->
          Kind.LETTER;
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
          Kind.NUMBER;
      case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
          Kind.SPACE;
      default ->
          character >= '\t' && character <= '\r' || character == 0x85 ? Kind.SPACE : Kind.OTHER;
    };
  }
}
