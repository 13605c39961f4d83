package dev.eosin.eval.vqa;

import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.text.LowerCase;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How an option is found in an answer.
final class LetterReading {
  private static final int LETTERS = 26;
  private static final List<Pattern> PUBLISHED =
      List.of(
          Pattern.compile("([A-Z])[^\n]"),
          Pattern.compile("option ([A-Z])[^\n]"),
          Pattern.compile(" ([A-Z]):"),
          Pattern.compile("'([A-Z])'"),
          Pattern.compile("is ([A-Z])[^\n]"));

  // Before a letter: a bracket or a quotation mark; after it their ends, and : . , or ).
  private static final String QUOTED = "[(\\[\"'*]*([A-Za-z])[)\\]\"'*]*";
  private static final Pattern ALONE = Pattern.compile(QUOTED + "\\s*[:.,)]?");
  private static final Pattern LEADING = Pattern.compile(QUOTED + "\\s*[:.)]\\s*\\S[\\s\\S]*");
  private static final Pattern SAID =
      Pattern.compile(
          "(?:answer|option|choice)(?: is)?:?\\s+[(\\[\"'*]*([A-Z])(?![A-Za-z])",
          Pattern.CASE_INSENSITIVE);

  private final NormalisedWords words;

  LetterReading(NormalisedWords words) {
    this.words = words;
  }

  /// The letter that stands alone, leads the answer ("B: ..."), or is the only one said to be the
  /// answer, the option or the choice; else that of the only option whose words the answer's are.
  Optional<String> letter(AnswerRow row) {
    int most = row.options().isEmpty() ? LETTERS : row.options().size();
    String text = row.answer().strip();
    for (Pattern whole : List.of(ALONE, LEADING)) {
      Matcher found = whole.matcher(text);
      if (found.matches() && known(found.group(1), most).isPresent()) {
        return known(found.group(1), most);
      }
    }
    List<String> said =
        SAID.matcher(text).results().map(found -> LowerCase.of(found.group(1))).distinct().toList();
    return said.size() == 1 ? known(said.getFirst(), most) : option(row);
  }

  private static Optional<String> known(String letter, int most) {
    int number = LowerCase.of(letter).charAt(0) - 'a';
    return number < most ? Optional.of(AnswerRow.letter(number)) : Optional.empty();
  }

  private Optional<String> option(AnswerRow row) {
    Optional<String> found = Optional.empty();
    List<String> answer = words.of(row.answer());
    for (int place = 0; place < row.options().size(); place++) {
      if (!answer.isEmpty() && words.of(row.options().get(place)).equals(answer)) {
        if (found.isPresent()) {
          return Optional.empty();
        }
        found = Optional.of(AnswerRow.letter(place));
      }
    }
    return found;
  }

  /// What stands before the first colon, or the whole text, as PA-LLaVA's PMC-VQA script has it.
  static String beforeColon(String text) {
    int colon = text.indexOf(':', 1);
    return LowerCase.of(colon < 0 ? text : text.substring(0, colon));
  }

  /// The letter that the first of quilt's patterns with a single match finds.
  static Optional<String> byPatterns(String text) {
    if (text.matches("[A-D]")) {
      return Optional.of(text);
    }
    if (text.codePointCount(0, text.length()) > 2 && text.matches("(?s)[A-D][:.].*")) {
      return Optional.of(text.substring(0, 1));
    }
    for (Pattern pattern : PUBLISHED) {
      List<String> found =
          pattern.matcher(text).results().map((MatchResult match) -> match.group(1)).toList();
      if (found.size() == 1) {
        return Optional.of(found.getFirst());
      }
    }
    return Optional.empty();
  }

  /// [#beforeColon] where it is one letter.
  static Optional<String> letterBeforeColon(AnswerRow row) {
    String found = beforeColon(row.answer());
    return found.matches("[a-z]") ? Optional.of(found.toUpperCase(Locale.ROOT)) : Optional.empty();
  }
}
