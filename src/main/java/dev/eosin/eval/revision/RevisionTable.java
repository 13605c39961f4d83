package dev.eosin.eval.revision;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Scores of revisions as a table for a terminal: a line for each figure and operation, a column
/// for each control and baseline.
public final class RevisionTable {
  private static final int WIDTH = 22;

  private RevisionTable() {}

  /// The first line has the columns' names.
  public static List<String> lines(RevisionScores scores) {
    Set<String> columns = new LinkedHashSet<>();
    Set<List<String>> figures = new LinkedHashSet<>();
    for (RevisionScore score : scores.scores()) {
      columns.add(score.of());
      figures.add(List.of(score.operation(), score.metric()));
    }
    List<String> lines = new ArrayList<>();
    lines.add(line("operation", "figure", List.copyOf(columns)));
    for (List<String> figure : figures) {
      List<String> cells = new ArrayList<>();
      for (String column : columns) {
        cells.add(cell(scores.score(column, figure.getFirst(), figure.getLast())));
      }
      lines.add(line(figure.getFirst(), figure.getLast(), cells));
    }
    return lines;
  }

  private static String line(String operation, String figure, List<String> cells) {
    var line = new StringBuilder(String.format(Locale.ROOT, "%-10s%-20s", operation, figure));
    cells.forEach(cell -> line.append(String.format(Locale.ROOT, "%-" + WIDTH + "s", cell)));
    return line.toString().stripTrailing();
  }

  private static String cell(Optional<RevisionScore> score) {
    if (score.isEmpty()) {
      return "-";
    }
    String value = String.format(Locale.ROOT, "%.3f", score.get().value());
    return score
        .get()
        .interval()
        .map(it -> String.format(Locale.ROOT, "%s (%.3f-%.3f)", value, it.low(), it.high()))
        .orElse(value);
  }
}
