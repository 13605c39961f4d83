package dev.eosin.data.tables;

import dev.eosin.data.Names;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.settings.QuestionFields;
import dev.eosin.data.tables.TableRow.Said;
import dev.eosin.text.CaptionText;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// A question as a row gives it, before it is known whether it is one.
///
/// @param closedAnswer blank where there is none
/// @param options blank ones are left out
/// @param type blank where the rule decides
/// @param fact blank where the row does not say it
public record RowQuestion(
    QuestionFields fields,
    String question,
    String answer,
    String closedAnswer,
    List<String> options,
    String type,
    String fact) {
  private static final Set<String> OPEN = Set.of("open", "open-ended", "other", "number");
  private static final Set<String> CLOSED = Set.of("closed", "close", "close-ended", "yes/no");
  private static final Set<String> CHOICE = Set.of("choice", "multiple-choice", "multi-choice");
  private static final Set<String> YES_OR_NO = Set.of("yes", "no");
  private static final String LEFT_OUT = "fill it in, or leave the row out with where or without";

  public RowQuestion {
    options =
        options.stream()
            .map(text -> CaptionText.of(text).strip())
            .filter(o -> !o.isEmpty())
            .toList();
  }

  /// The question with its answer, or what is missing.
  ///
  /// @param image that it is about; blank where the row names none
  public Said about(String image) {
    if (image.isBlank()) {
      return flaw("without an image", "the image", "not named", "its path", LEFT_OUT);
    }
    if (CaptionText.isEmpty(question)) {
      return flaw("without a question", fields.question(), "empty", "a question", LEFT_OUT);
    }
    if (CaptionText.isEmpty(answer) && CaptionText.isEmpty(closedAnswer)) {
      return flaw(
          "with an empty answer", fields.answer(), "empty", "the answer to: " + asked(), LEFT_OUT);
    }
    Optional<Kind> kind = kind();
    if (kind.isEmpty()) {
      return flaw(
          "with an unknown kind of question",
          fields.type().orElse("question-type"),
          "'%s'".formatted(type),
          "open, closed or choice",
          "correct it, or take question-type out so that the answers tell it");
    }
    return switch (kind.get()) {
      case OPEN -> whole(answered(), Kind.OPEN, plain());
      case CLOSED -> whole(isBlank(closedAnswer) ? answered() : closedAnswer, Kind.CLOSED, plain());
      case CHOICE -> choice();
    };
  }

  private Optional<Kind> kind() {
    String given = type.strip().toLowerCase(Locale.ROOT).replace(' ', '-').replace('_', '-');
    if (OPEN.contains(given)) {
      return Optional.of(Kind.OPEN);
    }
    if (CLOSED.contains(given)) {
      return Optional.of(Kind.CLOSED);
    }
    if (CHOICE.contains(given)) {
      return Optional.of(Kind.CHOICE);
    }
    return given.isEmpty() ? Optional.of(byAnswer()) : Optional.empty();
  }

  private Kind byAnswer() {
    if (isYesOrNo(answered())) {
      return Kind.CLOSED;
    }
    return options.isEmpty() ? Kind.OPEN : Kind.CHOICE;
  }

  /// Whether a text is yes or no; case, spaces around it and a full stop do not matter.
  static boolean isYesOrNo(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
    return YES_OR_NO.contains(word.endsWith(".") ? word.substring(0, word.length() - 1) : word);
  }

  private Said choice() {
    if (options.size() < 2) {
      return flaw(
          "with a choice of fewer than two options",
          fields.options().isEmpty() ? "options" : String.join(", ", fields.options()),
          options.isEmpty() ? "empty" : options.toString(),
          "at least two options",
          "name their fields as options, or give the question another question-type");
    }
    List<String> texts = plain();
    String given = CaptionText.of(answered()).strip();
    Optional<String> chosen =
        texts.stream()
            .filter(given::equals)
            .findFirst()
            .or(() -> written(given))
            .or(() -> lettered(given, texts));
    return chosen
        .map(text -> whole(text, Kind.CHOICE, texts))
        .orElseGet(
            () ->
                flaw(
                    "whose answer is none of its options",
                    fields.answer(),
                    "'%s'".formatted(given),
                    "a letter from A to %s or one of %s"
                        .formatted(letter(texts.size() - 1), Names.of(texts)),
                    "correct the answer or the options"));
  }

  /// An answer that is an option as it is written, its letter included.
  private Optional<String> written(String given) {
    int index = options.indexOf(given);
    return index < 0 ? Optional.empty() : Optional.of(plain().get(index));
  }

  private static Optional<String> lettered(String given, List<String> texts) {
    String bare = given.replaceAll("^[(]|[).:]$", "");
    return IntStream.range(0, texts.size())
        .filter(i -> letter(i).equalsIgnoreCase(bare))
        .mapToObj(texts::get)
        .findFirst();
  }

  /// The options without their letters, where every one begins with its own.
  private List<String> plain() {
    boolean lettered =
        !options.isEmpty()
            && IntStream.range(0, options.size())
                .allMatch(i -> options.get(i).matches("(?s)[(]?" + letter(i) + "\\s*[.:)].*\\S.*"));
    return lettered
        ? options.stream().map(text -> text.replaceFirst("^[(]?[A-Z]\\s*[.:)]\\s*", "")).toList()
        : options;
  }

  private static String letter(int index) {
    return Character.toString('A' + index);
  }

  private String answered() {
    return isBlank(answer) ? closedAnswer : answer;
  }

  private static boolean isBlank(String text) {
    return CaptionText.isEmpty(text);
  }

  private String asked() {
    return Names.cut(question);
  }

  private Said whole(String text, Kind kind, List<String> choices) {
    return new Said.Whole(
        new QuestionAnswer(
            CaptionText.of(question),
            CaptionText.of(text),
            kind,
            choices,
            Optional.of(fact.strip()).filter(name -> !name.isEmpty())));
  }

  private static Said flaw(String kind, String field, String found, String expected, String mend) {
    return new Said.Flawed(RowFlaw.of(kind, field, found, expected, mend));
  }
}
