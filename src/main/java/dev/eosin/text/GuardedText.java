package dev.eosin.text;

import dev.eosin.config.DataException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Spellings of special tokens in texts that people and programs wrote together.
///
/// What people say is guarded before it is put into the program's words: each spelling of a special
/// token becomes a few code points that are no characters, U+FDD0 to U+FDEF, which survive any
/// template and normalisation. Spellings that are there afterwards are the program's, and act.
///
/// Towards the library it is turned around: the program's spellings are disguised as such code
/// points, which a second tokenizer knows as the special tokens, and the guarded ones are spelled
/// out.
final class GuardedText {
  private static final char GUARD = '\uFDD0';
  private static final char DISGUISE = '\uFDD1';
  private static final char DIGITS = '\uFDD2';
  private static final char END = '\uFDEF';
  private static final Pattern NO_CHARACTER = Pattern.compile("[\uFDD0-\uFDEF]");
  private static final String NUMBER = "([\uFDD2-\uFDE1]+)\uFDEF";

  private final List<String> special;
  private final Pattern spelled;

  /// @param special spellings of the special tokens
  GuardedText(Set<String> special) {
    // The library takes the longest of those that begin at one place.
    this.special =
        special.stream()
            .sorted(Comparator.comparingInt(String::length).reversed().thenComparing(s -> s))
            .toList();
    String any = this.special.stream().map(Pattern::quote).collect(Collectors.joining("|"));
    spelled = Pattern.compile(any.isEmpty() ? "(?!)" : any);
  }

  /// How the second tokenizer spells a special token.
  String disguise(String token) {
    return DISGUISE + number(special.indexOf(token));
  }

  private static String number(int index) {
    StringBuilder digits = new StringBuilder();
    for (char digit : Integer.toHexString(index).toCharArray()) {
      digits.append((char) (DIGITS + Character.digit(digit, 16)));
    }
    return digits.append(END).toString();
  }

  private String token(String digits) {
    int index = 0;
    for (char digit : digits.toCharArray()) {
      index = 16 * index + digit - DIGITS;
    }
    return special.get(index);
  }

  /// @param acting special tokens that mean the same whoever writes them
  /// @throws DataException when the text holds code points that are no characters
  String guard(String said, Set<String> acting) throws DataException {
    Matcher wrong = NO_CHARACTER.matcher(said);
    if (wrong.find()) {
      throw new DataException(
          "the text holds U+%04X at place %d, which is no character; take it out"
              .formatted((int) said.charAt(wrong.start()), wrong.start()));
    }
    return spelled
        .matcher(said)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    acting.contains(found.group())
                        ? found.group()
                        : GUARD + number(special.indexOf(found.group()))));
  }

  /// Whether the text holds guarded spellings.
  static boolean isGuarded(String text) {
    return text.indexOf(GUARD) >= 0;
  }

  /// The text as it reads.
  String plain(String text) {
    if (!isGuarded(text)) {
      return text;
    }
    return Pattern.compile(GUARD + NUMBER)
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(token(found.group(1))));
  }

  /// For text that people wrote alone: nothing in it is taken for a disguise. As long as the text.
  static String undisguised(String text) {
    return text.replace(DISGUISE, '\uFFFD');
  }

  /// What the second tokenizer reads.
  ///
  /// @param text for the tokenizer
  /// @param places of each of its UTF-16 units, and of its end, in the plain text
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Disguised(String text, int[] places) {}

  Disguised disguised(String text) {
    Pattern either = Pattern.compile(GUARD + NUMBER + "|" + spelled.pattern());
    StringBuilder out = new StringBuilder();
    int[] places = new int[text.length() + 1];
    int plain = 0;
    int from = 0;
    Matcher found = either.matcher(text);
    while (found.find()) {
      places = each(places, out, text.substring(from, found.start()), plain);
      plain += found.start() - from;
      String guarded = found.group(1);
      if (guarded == null) {
        places = whole(places, out, disguise(found.group()), plain);
        plain += found.group().length();
      } else {
        places = each(places, out, token(guarded), plain);
        plain += token(guarded).length();
      }
      from = found.end();
    }
    places = each(places, out, text.substring(from), plain);
    places[out.length()] = plain + text.length() - from;
    return new Disguised(out.toString(), Arrays.copyOf(places, out.length() + 1));
  }

  private static int[] each(int[] places, StringBuilder out, String more, int plain) {
    int[] grown = grown(places, out.length() + more.length());
    for (int i = 0; i < more.length(); i++) {
      grown[out.length() + i] = plain + i;
    }
    out.append(more);
    return grown;
  }

  private static int[] whole(int[] places, StringBuilder out, String more, int plain) {
    int[] grown = grown(places, out.length() + more.length());
    Arrays.fill(grown, out.length(), out.length() + more.length(), plain);
    out.append(more);
    return grown;
  }

  private static int[] grown(int[] places, int length) {
    return length < places.length ? places : Arrays.copyOf(places, 2 * length + 1);
  }
}
