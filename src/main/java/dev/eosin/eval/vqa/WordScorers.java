package dev.eosin.eval.vqa;

import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.text.LowerCase;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// The rules that compare words.
final class WordScorers {
  private static final Set<Kind> OPEN = Set.of(Kind.OPEN);
  private static final Set<Kind> CLOSED = Set.of(Kind.CLOSED);
  private static final Set<Kind> WORDS = Set.of(Kind.OPEN, Kind.CLOSED);
  private static final Pattern LETTERS_AND_DIGITS = Pattern.compile("[a-z0-9]+");
  private static final Pattern PATHVQA_DELETED = Pattern.compile("[,.'!?\"()*#:;~]");

  private final NormalisedWords words;

  WordScorers(NormalisedWords words) {
    this.words = words;
  }

  Scorer open() {
    return new MeanScorer(
        "open/1",
        OPEN,
        List.of("open_recall", "open_precision", "open_f1"),
        row -> WordOverlap.counted(words.of(row.gold()), words.of(row.answer())),
        row ->
            words.of(row.answer()).isEmpty() && !row.answer().isBlank()
                ? Optional.of("has no words")
                : Optional.empty());
  }

  /// Normalised twice, as the original does.
  Scorer quiltOpen() {
    return published("quilt-open/1", "quilt_open", (answer, gold) -> answer);
  }

  /// With the answer cut to the gold's characters, the original's anchor.
  Scorer quiltOpenCut() {
    return published("quilt-open-cut/1", "quilt_open_cut", WordScorers::cut);
  }

  private Scorer published(String name, String prefix, BinaryOperator<String> shortened) {
    return new MeanScorer(
        name,
        OPEN,
        List.of(prefix + "_recall", prefix + "_precision", prefix + "_f1", prefix + "_exact"),
        row -> {
          String gold = words.asPublished(row.gold());
          return published(gold, shortened.apply(words.asPublished(row.answer()), gold));
        });
  }

  private double[] published(String gold, String answer) {
    List<String> goldWords = NormalisedWords.split(words.asPublished(gold));
    List<String> answerWords = NormalisedWords.split(words.asPublished(answer));
    double[] overlap = WordOverlap.asPublished(goldWords, answerWords);
    double[] values = Arrays.copyOf(overlap, overlap.length + 1);
    values[overlap.length] = WordOverlap.publishedExact(goldWords, answerWords);
    return values;
  }

  private static String cut(String answer, String gold) {
    int most = gold.codePointCount(0, gold.length());
    return answer.codePointCount(0, answer.length()) <= most
        ? answer
        : answer.substring(0, answer.offsetByCodePoints(0, most));
  }

  /// Yes and no where an answer says one of them and not the other.
  Scorer closed() {
    return new MeanScorer(
        "closed/1",
        CLOSED,
        List.of("closed_accuracy"),
        row ->
            one(
                saysYes(row.answer()).isPresent()
                    && saysYes(row.answer()).equals(saysYes(row.gold()))),
        row ->
            saysYes(row.answer()).isPresent() || row.answer().isBlank()
                ? Optional.empty()
                : Optional.of(
                    words.of(row.answer()).contains("yes")
                        ? "says both yes and no"
                        : "says neither yes nor no"));
  }

  /// Whether a text says yes; empty where it says both or neither.
  Optional<Boolean> saysYes(String text) {
    List<String> found = words.of(text);
    boolean yes = found.contains("yes");
    return yes == found.contains("no") ? Optional.empty() : Optional.of(yes);
  }

  /// Right as soon as the gold's word is there, whatever else is.
  Scorer closedWord() {
    return new MeanScorer(
        "closed-word/1",
        CLOSED,
        List.of("closed_word_accuracy"),
        row -> one(NormalisedWords.split(words.asPublished(row.answer())).contains(yesOrNo(row))));
  }

  /// No where "no" or "not" is there, and yes otherwise.
  Scorer closedNo() {
    return new MeanScorer(
        "closed-no/1",
        CLOSED,
        List.of("closed_no_accuracy"),
        row -> {
          List<String> found = List.of(words.asPublished(row.answer()).split(" "));
          boolean no = found.contains("no") || found.contains("not");
          return one(yesOrNo(row).equals(no ? "no" : "yes"));
        });
  }

  /// Files whose gold says neither or both are refused before any scoring.
  private String yesOrNo(AnswerRow row) {
    return saysYes(row.gold()).orElseThrow() ? "yes" : "no";
  }

  /// Equal but for case and punctuation, as PA-LLaVA measures on PathVQA.
  Scorer pathvqaExact() {
    return new MeanScorer(
        "pathvqa-exact/1",
        WORDS,
        List.of("pathvqa_exact"),
        row -> one(pathvqaText(row.answer()).equals(pathvqaText(row.gold()))));
  }

  /// The text that PA-LLaVA's PathVQA evaluation compares.
  static String pathvqaText(String text) {
    return PATHVQA_DELETED
        .matcher(LowerCase.of(text))
        .replaceAll("")
        .replace(" \t", " ")
        .replace("x ray", "xray")
        .replace("x-ray", "xray")
        .replace(" - ", "-");
  }

  /// The gold's words that the answer has, repeats counted, on PathVQA's texts.
  Scorer tokenRecall() {
    return tokenRecall("token-recall/1", "token_recall", NormalisedWords::split);
  }

  /// As above, by the tokens of a tokenizer.
  static Scorer tokenRecall(
      String name, String metric, Function<String, ? extends List<?>> tokens) {
    return new MeanScorer(
        name,
        WORDS,
        List.of(metric),
        row ->
            new double[] {
              WordOverlap.recall(
                  tokens.apply(pathvqaText(row.gold())), tokens.apply(pathvqaText(row.answer())))
            });
  }

  Scorer rougeL() {
    return new MeanScorer(
        "rouge-l/1",
        OPEN,
        List.of("rouge_l_precision", "rouge_l_recall", "rouge_l_f1"),
        row -> WordOverlap.rougeL(lettersAndDigits(row.gold()), lettersAndDigits(row.answer())));
  }

  private static List<String> lettersAndDigits(String text) {
    return LETTERS_AND_DIGITS
        .matcher(LowerCase.of(text))
        .results()
        .map(MatchResult::group)
        .toList();
  }

  private static double[] one(boolean right) {
    return new double[] {right ? 1 : 0};
  }
}
