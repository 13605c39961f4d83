package dev.eosin.eval.vqa;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The scorers by their names.
public final class Scorers {
  /// The rules that are right, one for each type of answer; all others are presets of a
  /// publication's, mistakes included.
  public static final List<String> DEFAULT = List.of("open/1", "closed/1", "letters/1");

  /// The rules that read answers for labels, which have to be listed.
  public static final List<String> BY_LABELS = List.of("labels/1", "pa-labels/1");

  private final List<Scorer> all;

  /// Those that need no labels; reads the tables that they share.
  public Scorers() {
    this(List.of());
  }

  /// Reads the tables that they share.
  ///
  /// @param labels that answers are read for; none where nothing is classified
  /// @throws IllegalArgumentException for labels that cannot be told apart
  public Scorers(List<AnswerLabel> labels) {
    var normalised = new NormalisedWords();
    var words = new WordScorers(normalised);
    List<Scorer> plain =
        List.of(
            words.open(),
            words.closed(),
            new LetterScorer("letters/1", "letters", new LetterReading(normalised)::letter),
            words.quiltOpen(),
            words.quiltOpenCut(),
            words.closedWord(),
            words.closedNo(),
            words.pathvqaExact(),
            words.tokenRecall(),
            new LetterScorer("letter-colon/1", "letter_colon", LetterReading::letterBeforeColon),
            new LetterScorer(
                "letter-patterns/1",
                "letter_patterns",
                row -> LetterReading.byPatterns(row.answer())),
            new BleuScorer(normalised),
            new SacrebleuScorer(),
            words.rougeL());
    all =
        Stream.concat(
                plain.stream(),
                labels.isEmpty() ? Stream.of() : byLabels(normalised, labels).stream())
            .toList();
  }

  private static List<Scorer> byLabels(NormalisedWords words, List<AnswerLabel> labels) {
    var reading = new LabelReading(words, labels);
    return List.of(
        new LabelScorer(BY_LABELS.getFirst(), "labels", labels, reading, reading::within),
        new LabelScorer(BY_LABELS.getLast(), "pa_labels", labels, reading, reading::exact));
  }

  /// All that need nothing but the answers, the default ones first.
  public List<Scorer> all() {
    return all;
  }

  /// The scorers of these names, in their order.
  ///
  /// @throws IllegalArgumentException for a name that no scorer has, listing those that there are,
  ///   for one that needs labels where there are none, and for a name that comes twice
  public List<Scorer> named(List<String> names) {
    List<Scorer> found = new ArrayList<>();
    for (String name : names) {
      Scorer scorer =
          all.stream()
              .filter(each -> each.name().equals(name))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException(lacking(name)));
      if (found.contains(scorer)) {
        throw new IllegalArgumentException("the scorer '%s' is named twice".formatted(name));
      }
      found.add(scorer);
    }
    return found;
  }

  private String lacking(String name) {
    return BY_LABELS.contains(name)
        ? "'%s' reads answers for labels, and there are none; list them as labels".formatted(name)
        : "there is no scorer '%s'; there are %s".formatted(name, listed());
  }

  private String listed() {
    return Stream.concat(all.stream().map(Scorer::name), BY_LABELS.stream())
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /// Recall of the gold's tokens by a tokenizer, on PathVQA's texts, as PA-LLaVA measures it with
  /// its model's.
  ///
  /// @param name of the scorer, which says which tokenizer
  /// @param metric its name in logs
  /// @param tokens of a text, without special ones
  public static Scorer tokenRecall(
      String name, String metric, Function<String, ? extends List<?>> tokens) {
    return WordScorers.tokenRecall(name, metric, tokens);
  }
}
