package dev.eosin.eval.training;

import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.train.ConfusionCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What an evaluation says of single classes.
final class ClassScores {
  private ClassScores() {}

  /// Adds recall, precision and F1 of each class, as `recall.LABEL`.
  ///
  /// @param before goes before each name
  static void put(
      Map<String, Double> metrics, String before, ConfusionMatrix found, List<String> labels) {
    for (int label = 0; label < labels.size(); label++) {
      metrics.put(before + "recall." + labels.get(label), found.recall(label));
      metrics.put(before + "precision." + labels.get(label), found.precision(label));
      metrics.put(before + "f1." + labels.get(label), found.f1(label));
    }
  }

  static ConfusionCounts counts(ConfusionMatrix found, List<String> labels) {
    List<List<Long>> rows = new ArrayList<>();
    for (int truth = 0; truth < labels.size(); truth++) {
      List<Long> row = new ArrayList<>();
      for (int predicted = 0; predicted < labels.size(); predicted++) {
        row.add(found.count(truth, predicted));
      }
      rows.add(row);
    }
    return new ConfusionCounts(labels, rows);
  }
}
