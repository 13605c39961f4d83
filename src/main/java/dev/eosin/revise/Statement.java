package dev.eosin.revise;

import dev.eosin.text.Sentences;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// A part of a caption that says one thing, with what joins it to the part before.
///
/// @param from first unit, of what joins it
/// @param to unit after the last
/// @param text what joins it, and the statement
record Statement(int from, int to, String text) {
  /// The statements of a caption in their order.
  static List<Statement> of(String caption, Lexicon.Statements rules) {
    boolean sentences = rules.apart().equals(Lexicon.Statements.SENTENCES);
    List<String> parts =
        sentences ? Sentences.of(caption) : List.of(caption.split(Pattern.quote(rules.apart())));
    List<Statement> found = new ArrayList<>();
    int from = 0;
    for (String part : parts) {
      int to = caption.indexOf(part, from) + part.length();
      found.add(new Statement(from, to, caption.substring(from, to)));
      from = to;
    }
    return found;
  }

  /// Whether it has one of some words.
  boolean hasOneOf(List<String> words) {
    String lower = text.toLowerCase(Locale.ROOT);
    return words.stream().anyMatch(lower::contains);
  }
}
