package dev.eosin.eval.vqa;

import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Counts what scores do not show.
final class VqaCounts {
  private final List<Count> counts = new ArrayList<>();
  private final Control control;
  private final List<AnswerRow> rows;

  private VqaCounts(Control control, List<AnswerRow> rows) {
    this.control = control;
    this.rows = rows;
  }

  /// Of each control: answers that are empty or that a scorer could not read, questions that lack
  /// the control, rotations that are missing.
  static List<Count> of(List<AnswerRow> rows, List<Scorer> scorers) {
    Map<Control, List<AnswerRow>> byControl = new EnumMap<>(Control.class);
    rows.forEach(
        row -> byControl.computeIfAbsent(row.control(), unknown -> new ArrayList<>()).add(row));
    Set<String> questions = new HashSet<>();
    rows.forEach(row -> questions.add(row.id()));
    List<Count> counts = new ArrayList<>();
    for (Control control : Control.values()) {
      var of = new VqaCounts(control, byControl.getOrDefault(control, List.of()));
      of.lacking(questions.size());
      of.empty();
      scorers.forEach(of::unread);
      of.rotations();
      counts.addAll(of.counts);
    }
    return counts;
  }

  private void add(Count.About about, String text, long count, long of) {
    if (count > 0) {
      counts.add(new Count(about, text, control, count, of));
    }
  }

  private void lacking(int questions) {
    long there = rows.stream().map(AnswerRow::id).distinct().count();
    add(Count.About.LACKING, "questions have no answer", questions - there, questions);
  }

  private void empty() {
    add(
        Count.About.EMPTY,
        "answers are empty, and count as wrong",
        rows.stream().filter(row -> row.answer().isBlank()).count(),
        rows.size());
  }

  private void unread(Scorer scorer) {
    List<AnswerRow> judged = rows.stream().filter(row -> scorer.judges(row.type())).toList();
    Map<String, Long> reasons = new LinkedHashMap<>();
    for (AnswerRow row : judged) {
      scorer.unread(row).ifPresent(reason -> reasons.merge(reason, 1L, Long::sum));
    }
    reasons.forEach(
        (reason, count) ->
            add(
                Count.About.UNREAD,
                "answers count as wrong for %s: each %s".formatted(scorer.name(), reason),
                count,
                judged.size()));
  }

  private void rotations() {
    Map<AnswerRow.Key, Integer> shown = new LinkedHashMap<>();
    Set<AnswerRow.Key> whole = new LinkedHashSet<>();
    for (AnswerRow row : rows) {
      if (row.type() == Kind.CHOICE) {
        var key = new AnswerRow.Key(row.id(), row.control(), row.draw(), 0);
        if (shown.merge(key, 1, Integer::sum) == row.options().size()) {
          whole.add(key);
        }
      }
    }
    add(
        Count.About.ROTATIONS,
        "choices were not asked under every rotation, and are left out of consistency",
        shown.size() - whole.size(),
        shown.size());
  }
}
