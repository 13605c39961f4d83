package dev.eosin.eval.vqa;

import dev.eosin.eval.answers.Control;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What answers of each label were read as.
///
/// @param scorer with its version
/// @param labels in the recipe's order
/// @param counts `[labels][labels + 2]`: of the answers whose gold is the row's label, how many
///   name the column's, then none, then several
public record Confusion(
    String scorer, Control control, List<String> labels, List<List<Integer>> counts) {
  /// More labels than these are for the file alone.
  private static final int MOST_SHOWN = 12;

  public Confusion {
    labels = List.copyOf(labels);
    counts = counts.stream().map(List::copyOf).toList();
  }

  static Confusion of(String scorer, Control control, List<String> labels, int[][] counts) {
    return new Confusion(
        scorer,
        control,
        labels,
        Arrays.stream(counts).map(row -> Arrays.stream(row).boxed().toList()).toList());
  }

  /// Answers whose gold is a label.
  public int rows(int label) {
    return counts.get(label).stream().mapToInt(Integer::intValue).sum();
  }

  /// Answers that name a label.
  public int named(int label) {
    return counts.stream().mapToInt(row -> row.get(label)).sum();
  }

  private int right(int label) {
    return counts.get(label).get(label);
  }

  /// The share of a label's answers that name it; not a number where it has none.
  public double recall(int label) {
    return (double) right(label) / rows(label);
  }

  /// The share of the answers with a label's name that are right; not a number where there is none.
  public double precision(int label) {
    return (double) right(label) / named(label);
  }

  /// Their harmonic mean; not a number for a label that is neither right nor named anywhere.
  public double f1(int label) {
    return 2.0 * right(label) / (rows(label) + named(label));
  }

  /// For a terminal: a heading, the columns' numbers, and a line for each label.
  List<String> lines() {
    if (labels.size() > MOST_SHOWN) {
      return List.of(
          "%s: the confusion of %d labels is in the file alone".formatted(scorer, labels.size()));
    }
    int width = labels.stream().mapToInt(String::length).max().orElse(0) + 4;
    StringBuilder head = new StringBuilder(" ".repeat(width));
    for (int label = 1; label <= labels.size(); label++) {
      head.append("%8d".formatted(label));
    }
    List<String> lines = new ArrayList<>();
    lines.add(scorer + ": right label by line, named label by column");
    lines.add(head.append("%8s%8s".formatted("none", "several")).toString());
    for (int label = 0; label < labels.size(); label++) {
      String name = "%2d %s".formatted(label + 1, labels.get(label));
      StringBuilder line = new StringBuilder(name).repeat(' ', width - name.length());
      counts.get(label).forEach(count -> line.append("%8d".formatted(count)));
      lines.add(line.toString());
    }
    return lines;
  }
}
