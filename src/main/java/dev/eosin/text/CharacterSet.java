package dev.eosin.text;

import java.util.BitSet;
import java.util.Map;
import java.util.function.IntPredicate;

/// Sets of code points as `mojibake.txt` writes them: characters, `\\uXXXX`, ranges with a hyphen,
/// `{category}`, `\\s` white space, `\\w` letters, numbers and the underscore, all of it negated by
/// a leading `^`.
final class CharacterSet {
  private final String written;
  private final Map<String, BitSet> categories;
  private final BitSet members = new BitSet();
  private int at;

  private CharacterSet(String written, Map<String, BitSet> categories) {
    this.written = written;
    this.categories = categories;
  }

  static BitSet parse(String written, Map<String, BitSet> categories) {
    return new CharacterSet(written, categories).parse();
  }

  private BitSet parse() {
    boolean negated = written.charAt(0) == '^';
    at = negated ? 1 : 0;
    while (at < written.length()) {
      if (written.charAt(at) == '{') {
        addCategory();
      } else if (written.startsWith("\\s", at)) {
        addAll(CharacterSet::isWhiteSpace);
        at += 2;
      } else if (written.startsWith("\\w", at)) {
        addAll(CharacterSet::isWordCharacter);
        at += 2;
      } else {
        addRange();
      }
    }
    if (negated) {
      members.flip(0, Character.MAX_CODE_POINT + 1);
    }
    return members;
  }

  private void addCategory() {
    int end = written.indexOf('}', at);
    BitSet category = categories.get(written.substring(at + 1, end));
    if (category == null) {
      throw new IllegalStateException("mojibake.txt: unknown category in " + written);
    }
    members.or(category);
    at = end + 1;
  }

  private void addRange() {
    char first = character();
    char last = first;
    if (at < written.length() && written.charAt(at) == '-') {
      at++;
      last = character();
    }
    members.set(first, last + 1);
  }

  private char character() {
    if (written.charAt(at) == '\\') {
      at += 6;
      return (char) Integer.parseInt(written.substring(at - 4, at), 16);
    }
    return written.charAt(at++);
  }

  private void addAll(IntPredicate rule) {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (rule.test(c)) {
        members.set(c);
      }
    }
  }

  private static boolean isWhiteSpace(int c) {
    return c <= Character.MAX_VALUE && CaptionCleaning.isWhiteSpace((char) c);
  }

  private static boolean isWordCharacter(int c) {
    return switch (Character.getType(c)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> Character.isLetter(c) || c == '_';
    };
  }
}
