package dev.eosin.eval.vqa;

import dev.eosin.eval.answers.Control;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Scores as a table for a terminal: a line for each figure and slice, a column for each control,
/// so that no score stands without them.
final class VqaTable {
  /// More groups than these are for the file alone.
  private static final int MOST_GROUPS = 12;

  private final List<Score> scores;
  private final Set<Control> controls = new TreeSet<>();

  VqaTable(List<Score> scores) {
    this.scores = scores;
    scores.forEach(score -> controls.add(score.control()));
  }

  private record Line(String scorer, String metric, Slice slice) {}

  /// Its lines, the first with the columns' names.
  List<String> lines() {
    List<List<String>> cells = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("scorer", "figure", "of", "questions"));
    controls.forEach(control -> head.add(control.written()));
    cells.add(head);
    Map<Line, Map<Control, Score>> rows = new LinkedHashMap<>();
    for (Score score : scores) {
      rows.computeIfAbsent(
              new Line(score.scorer(), score.metric(), score.slice()),
              unknown -> new EnumMap<>(Control.class))
          .put(score.control(), score);
    }
    rows.forEach(
        (line, byControl) -> {
          if (isShown(line, byControl, rows)) {
            cells.add(cells(line, byControl));
          }
        });
    return aligned(cells);
  }

  /// A slice that is all there is says nothing new.
  private boolean isShown(
      Line line, Map<Control, Score> byControl, Map<Line, Map<Control, Score>> rows) {
    if (line.slice().equals(Slice.ALL)) {
      return true;
    }
    var whole = new Line(line.scorer(), line.metric(), Slice.ALL);
    int all = questions(rows.getOrDefault(whole, Map.of()));
    return questions(byControl) < all
        && (line.slice().by() != Slice.By.GROUP || groups() <= MOST_GROUPS);
  }

  private static int questions(Map<Control, Score> byControl) {
    return byControl.values().stream().mapToInt(Score::questions).max().orElse(0);
  }

  /// How many groups there are.
  long groups() {
    return scores.stream()
        .map(Score::slice)
        .filter(slice -> slice.by() == Slice.By.GROUP)
        .distinct()
        .count();
  }

  /// What the table leaves to the file.
  Optional<String> leftOut() {
    return groups() > MOST_GROUPS
        ? Optional.of("%d groups are in the file alone".formatted(groups()))
        : Optional.empty();
  }

  private List<String> cells(Line line, Map<Control, Score> byControl) {
    List<String> cells =
        new ArrayList<>(
            List.of(
                line.scorer(),
                line.metric(),
                line.slice().toString(),
                Integer.toString(questions(byControl))));
    controls.forEach(
        control ->
            cells.add(Optional.ofNullable(byControl.get(control)).map(VqaTable::text).orElse("-")));
    return cells;
  }

  private static String text(Score score) {
    if (Double.isNaN(score.value())) {
      return "-";
    }
    String value = String.format(Locale.ROOT, "%.4f", score.value());
    return score
        .interval()
        .map(it -> String.format(Locale.ROOT, "%s (%.4f-%.4f)", value, it.low(), it.high()))
        .orElse(value);
  }

  private static List<String> aligned(List<List<String>> cells) {
    int[] widths = new int[cells.getFirst().size()];
    for (List<String> row : cells) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : cells) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
