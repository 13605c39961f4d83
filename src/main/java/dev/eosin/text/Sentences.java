package dev.eosin.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Cuts English pathology text into sentences.
///
/// A sentence ends at `.`, `!` or `?` (and closing brackets or quotation marks after it) before
/// white space and a capital letter, a digit or an opening bracket. It does not end after a known
/// abbreviation (`Fig. 1`, `approx. 5 mm`, `Dr. Smith`), nor after the number of a list item (`1.
/// Tumour cells`). Decimals (`0.5 mm`) and `H. pylori` need no rule: no capital follows. `H&E. The`
/// does end a sentence.
public final class Sentences {
  private static final String ENDS = ".!?";
  private static final String CLOSERS = ")]}\"'\u2019\u201d";
  private static final String OPENERS = "([{\"'\u2018\u201c";
  private static final Set<String> ABBREVIATIONS =
      Set.of(
          "fig", "figs", "tab", "approx", "ca", "cf", "e.g", "i.e", "vs", "dr", "prof", "mr", "mrs",
          "ms", "st", "no", "nos", "ref", "refs", "resp", "incl", "max", "min", "dept", "viz");

  private final String text;
  private final List<String> found = new ArrayList<>();
  private int start;

  private Sentences(String text) {
    this.text = text;
  }

  /// The sentences in their order, without white space around them; none of blank text.
  public static List<String> of(String text) {
    Sentences sentences = new Sentences(text.strip());
    sentences.cut();
    return List.copyOf(sentences.found);
  }

  private void cut() {
    for (int i = 0; i < text.length(); i++) {
      if (ENDS.indexOf(text.charAt(i)) >= 0) {
        int end = skip(i + 1, ENDS + CLOSERS);
        if (endsSentence(i, end)) {
          add(end);
        }
        i = end - 1;
      }
    }
    add(text.length());
  }

  private void add(int end) {
    String sentence = text.substring(start, end).strip();
    if (!sentence.isEmpty()) {
      found.add(sentence);
    }
    start = end;
  }

  private int skip(int from, String characters) {
    int i = from;
    while (i < text.length() && characters.indexOf(text.charAt(i)) >= 0) {
      i++;
    }
    return i;
  }

  private boolean endsSentence(int mark, int end) {
    int next = end;
    while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
      next++;
    }
    return next > end
        && next < text.length()
        && mayStart(text.charAt(next))
        && (text.charAt(mark) != '.' || !continues(mark));
  }

  private static boolean mayStart(char c) {
    return Character.isUpperCase(c) || Character.isDigit(c) || OPENERS.indexOf(c) >= 0;
  }

  /// Whether the full stop belongs to the word before it.
  private boolean continues(int stop) {
    int first = stop;
    while (first > start && !Character.isWhitespace(text.charAt(first - 1))) {
      first--;
    }
    first = Math.min(stop, skip(first, OPENERS));
    String word = text.substring(first, stop).toLowerCase(Locale.ROOT);
    boolean listItem =
        !word.isEmpty()
            && word.chars().allMatch(Character::isDigit)
            && text.substring(start, first).isBlank();
    return listItem || ABBREVIATIONS.contains(word);
  }
}
