package dev.eosin.train;

import java.util.List;
import java.util.StringJoiner;

/// How many rows of each true class were found to be of each class.
///
/// @param labels of the k classes
/// @param rows `[k][k]` true class by true class
public record ConfusionCounts(List<String> labels, List<List<Long>> rows) {
  public ConfusionCounts {
    labels = List.copyOf(labels);
    rows = rows.stream().map(List::copyOf).toList();
  }

  /// As a table in Markdown, true classes downwards.
  public String markdown() {
    StringBuilder text = new StringBuilder("| true \\ found |");
    labels.forEach(label -> text.append(' ').append(cell(label)).append(" |"));
    text.append("\n|---|").append("---:|".repeat(labels.size())).append('\n');
    for (int truth = 0; truth < labels.size(); truth++) {
      StringJoiner row = new StringJoiner(" | ", "| ", " |\n");
      row.add(cell(labels.get(truth)));
      rows.get(truth).forEach(count -> row.add(Long.toString(count)));
      text.append(row);
    }
    return text.toString();
  }

  private static String cell(String label) {
    return label.replace("|", "\\|");
  }
}
