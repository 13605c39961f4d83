package dev.eosin.eval.vqa;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What answers are worth: each figure for all questions and by type, fact and group, under each
/// control.
///
/// @param scores in the scorers' order, then by figure, slice and control
/// @param confusions of rules that classify, for each control
/// @param counts what a reader has to know besides
/// @param samples what single questions are worth; empty where no figure is a mean over them
public record VqaScores(
    List<Score> scores,
    List<Confusion> confusions,
    List<Count> counts,
    Optional<SampleResults> samples) {
  private static final NormalisedWords WORDS = new NormalisedWords();

  public VqaScores {
    scores = List.copyOf(scores);
    confusions = List.copyOf(confusions);
    counts = List.copyOf(counts);
  }

  /// Scores answers.
  ///
  /// @param place names them in messages: their file
  /// @param rows whose keys differ
  /// @param resamples for the intervals; 0 for none
  /// @throws DataException when a row's gold cannot be judged by, as [#requireGold] says, or no
  ///   scorer judges any of the answers
  public static VqaScores of(
      String place, List<AnswerRow> rows, List<Scorer> scorers, RandomKey key, int resamples)
      throws DataException {
    requireGold(place, rows, scorers);
    List<Turn> turns = Turn.of(rows);
    List<Score> scores = new ArrayList<>();
    for (Scorer scorer : scorers) {
      scores.addAll(new SlicedSums(scorer, turns).scores(key, resamples));
    }
    if (scores.isEmpty()) {
      throw new DataException(
          "%s: no scorer of %s judges any of its answers; name one for their type"
              .formatted(place, scorers.stream().map(Scorer::name).toList()));
    }
    return new VqaScores(
        scores,
        confusions(rows, scorers),
        VqaCounts.of(rows, scorers),
        VqaSamples.of(turns, scorers));
  }

  private static List<Confusion> confusions(List<AnswerRow> rows, List<Scorer> scorers) {
    List<Confusion> confusions = new ArrayList<>();
    for (Scorer scorer : scorers) {
      for (Control control : Control.values()) {
        List<AnswerRow> judged =
            rows.stream()
                .filter(row -> row.control() == control && scorer.judges(row.type()))
                .toList();
        if (!judged.isEmpty()) {
          scorer.confusion(control, judged).ifPresent(confusions::add);
        }
      }
    }
    return confusions;
  }

  /// Refuses what nothing can be judged by.
  ///
  /// @param place names the rows in messages
  /// @throws DataException when the gold of a closed question says neither or both of yes and no,
  ///   or is none of the labels that a scorer reads answers for
  static void requireGold(String place, List<AnswerRow> rows, List<Scorer> scorers)
      throws DataException {
    requireClosedGold(place, rows);
    for (Scorer scorer : scorers) {
      for (AnswerRow row : rows) {
        Optional<String> flaw = scorer.judges(row.type()) ? scorer.goldFlaw(row) : Optional.empty();
        if (flaw.isPresent()) {
          throw new DataException(
              "%s: id %s: the gold is %s, expected by %s %s"
                  .formatted(
                      place, Quote.of(row.id()), Quote.of(row.gold()), scorer.name(), flaw.get()));
        }
      }
    }
  }

  private static void requireClosedGold(String place, List<AnswerRow> rows) throws DataException {
    var closed = new WordScorers(WORDS);
    for (AnswerRow row : rows) {
      if (row.type() == Kind.CLOSED && closed.saysYes(row.gold()).isEmpty()) {
        throw new DataException(
            "%s: id %s: the gold of a closed question is %s, expected what says yes or no; write yes or no, or give it the type open"
                .formatted(place, Quote.of(row.id()), Quote.of(row.gold())));
      }
    }
  }

  /// Figures by their names in `log.jsonl`: of all questions `open_recall`, with an interval
  /// `open_recall_low` and `_high`; of each control `open_recall_other_image`, ...; of each fact
  /// without a control `open_recall_of_tissue`, ... Then how many answers without a control were
  /// empty, `empty_answers`, and could not be read, `unread_answers`.
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (Score score : scores) {
      boolean all = score.slice().equals(Slice.ALL);
      if (all && score.control() == Control.NONE) {
        metrics.put(score.metric(), score.value());
        score.interval().ifPresent(found -> metrics.put(score.metric() + "_low", found.low()));
        score.interval().ifPresent(found -> metrics.put(score.metric() + "_high", found.high()));
      } else if (all) {
        metrics.put(score.metric() + "_" + underscored(score.control().written()), score.value());
      } else if (score.slice().by() == Slice.By.FACT && score.control() == Control.NONE) {
        metrics.put(score.metric() + "_of_" + underscored(score.slice().value()), score.value());
      }
    }
    metrics.put("empty_answers", counted(Count.About.EMPTY));
    metrics.put("unread_answers", counted(Count.About.UNREAD));
    return metrics;
  }

  private double counted(Count.About about) {
    return counts.stream()
        .filter(count -> count.about() == about && count.control() == Control.NONE)
        .mapToLong(Count::count)
        .sum();
  }

  private static String underscored(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
  }

  /// As a table, the first line with the columns' names; what it leaves out, if anything; and of
  /// rules that classify what was taken for what without a control.
  public List<String> table() {
    var table = new VqaTable(scores);
    List<String> lines = new ArrayList<>(table.lines());
    table.leftOut().ifPresent(lines::add);
    confusions.stream()
        .filter(confusion -> confusion.control() == Control.NONE)
        .forEach(confusion -> lines.addAll(confusion.lines()));
    return lines;
  }

  /// What to know besides the scores, one line each.
  public List<String> notes() {
    return counts.stream().map(Count::line).toList();
  }
}
