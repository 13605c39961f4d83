package dev.eosin.eval.slides;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.MultiLabelRegression;
import dev.eosin.eval.probes.MultiLabelScores;
import dev.eosin.eval.probes.ToldLabels;
import dev.eosin.eval.tiles.ClassDetails;
import dev.eosin.eval.tiles.TaskResult;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// Several labels of a slide or patient, by the mean of the tiles' features.
record SlideLabels(SlideTasks tasks) {
  /// The labels of a fold.
  ///
  /// @throws DataException when none is left that can be learnt and judged
  ToldLabels told(SlideTask.SeveralLabels task, int fold, int[] train, int[] test)
      throws DataException {
    ToldLabels told =
        ToldLabels.of(
            tasks.set().samples().stream().map(sample -> said(task, sample)).toList(),
            train,
            test,
            task.fewest());
    if (told.kept().isEmpty()) {
      throw new DataException(
          "%s: %s: no label is left of %s: each needs samples with and without it on both sides, and %d for testing"
              .formatted(task.title(), tasks.set().folds().get(fold), told.out(), task.fewest()));
    }
    return told;
  }

  TaskResult run(SlideTask.SeveralLabels task, int fold, int[] train, int[] test)
      throws DataException {
    ToldLabels told = told(task, fold, train, test);
    List<String> kept = told.kept();
    List<String> out = told.out();
    MultiLabelRegression fitted =
        MultiLabelRegression.fit(
            tasks.means(train), told.truth(train), task.strength(), SlideTasks.TOLERANCE);
    double[][] scores =
        Arrays.stream(tasks.means(test)).map(fitted::scores).toArray(double[][]::new);
    var judged = new MultiLabelScores(scores, told.truth(test));
    ObjectNode details = tasks.details(task, fold, train, test).put("c", task.strength());
    details.put("figures", MultiLabelScores.VERSION);
    var labels = details.putArray("labels");
    for (int i = 0; i < kept.size(); i++) {
      ObjectNode of = labels.addObject().put("label", kept.get(i));
      ClassDetails.put(of, "auc", judged.areas().get(i).orElse(Double.NaN));
      ClassDetails.put(of, "average_precision", judged.precisions().get(i).orElse(Double.NaN));
    }
    List<String> notes =
        out.isEmpty()
            ? List.of()
            : List.of("%s: left out, too few samples: %s".formatted(tasks.title(task, fold), out));
    return tasks.result(task, fold, judged, test, details, notes);
  }

  private static List<String> said(SlideTask.SeveralLabels task, SlideSet.Sample sample) {
    String text = sample.entry().values().getOrDefault(task.column(), "");
    return Arrays.stream(text.split(Pattern.quote(task.separator())))
        .map(String::strip)
        .filter(each -> !each.isEmpty())
        .toList();
  }
}
