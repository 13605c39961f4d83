package dev.eosin.instruct;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Why a pair is left out.
///
/// @param forbidden words of which a pair may have none; empty for none
/// @param withoutNumbers whether dates and magnifications are looked for
record PairRules(Optional<Pattern> forbidden, boolean withoutNumbers) {
  static final String HALF = "half-a-pair";
  static final String CUT_SHORT = "cut-short";
  static final String SPEAKS_OF_THE_TEXT = "speaks-of-the-text";
  static final String DATE = "date";
  static final String MAGNIFICATION = "magnification";
  static final String NOTHING_FALSE = "nothing-false";
  static final String DUPLICATE = "duplicate";
  static final String TOO_FEW = "too-few-pairs";
  static final String OVER_THE_QUOTA = "over-the-quota";

  /// All reasons, in the manifest's order.
  static final List<String> REASONS =
      List.of(
          HALF,
          CUT_SHORT,
          SPEAKS_OF_THE_TEXT,
          DATE,
          MAGNIFICATION,
          NOTHING_FALSE,
          DUPLICATE,
          TOO_FEW,
          OVER_THE_QUOTA);

  private static final String MONTHS =
      "(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*";

  private static final Pattern DATES =
      Pattern.compile(
          "(?i)\\b(?:(?:19|20)\\d\\d|\\d{1,2}[./-]\\d{1,2}[./-]\\d{2,4}|\\d{1,2}(?:st|nd|rd|th)?"
              + " (?:of )?"
              + MONTHS
              + "|"
              + MONTHS
              + " \\d{1,2}(?:st|nd|rd|th)?)\\b");

  private static final Pattern MAGNIFICATIONS =
      Pattern.compile(
          "(?i)\\bmagnif\\w*|\\b\\d+(?:\\.\\d+)?\\s?[x\u00d7](?![\\p{L}\\d])|(?<![\\p{L}\\d])[x\u00d7]\\s?\\d+"
              + "|\\b(?:low|high|medium)[ -]power(?:ed)? (?:field|view)");

  static PairRules of(GeneratedSettings settings) {
    Optional<Pattern> words =
        settings.forbidden().isEmpty()
            ? Optional.empty()
            : Optional.of(
                Pattern.compile(
                    "(?iU)\\b(?:%s)(?:s|ed|ing)?\\b"
                        .formatted(String.join("|", settings.forbidden()))));
    return new PairRules(words, settings.withoutNumbers());
  }

  /// Empty for a pair that may stay.
  Optional<LeftOut> leftOut(Instruction pair) {
    String text = pair.question() + "\n" + pair.answer();
    return found(forbidden, text)
        .map(word -> LeftOut.of(pair, SPEAKS_OF_THE_TEXT, word))
        .or(() -> number(DATES, text).map(date -> LeftOut.of(pair, DATE, date)))
        .or(() -> number(MAGNIFICATIONS, text).map(x -> LeftOut.of(pair, MAGNIFICATION, x)));
  }

  private Optional<String> number(Pattern pattern, String text) {
    return withoutNumbers ? found(Optional.of(pattern), text) : Optional.empty();
  }

  private static Optional<String> found(Optional<Pattern> pattern, String text) {
    return pattern
        .map(words -> words.matcher(text))
        .filter(Matcher::find)
        .map(words -> words.group().toLowerCase(Locale.ROOT));
  }
}
