package dev.eosin.eval.slides;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.Concordance.Survival;
import dev.eosin.eval.probes.CoxRegression;
import dev.eosin.eval.probes.SurvivalFigures;
import dev.eosin.eval.tiles.TaskResult;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Survival by the mean of the tiles' features.
record SlideSurvival(SlideTasks tasks) {
  TaskResult run(SlideTask.SurvivalProbe task, int fold, int[] train, int[] test)
      throws DataException {
    Survival[] known = survival(task, train);
    if (Arrays.stream(known).noneMatch(Survival::event)) {
      throw new DataException(
          "%s: %s: no sample that is learnt from has an event"
              .formatted(task.title(), tasks.set().folds().get(fold)));
    }
    CoxRegression fitted = CoxRegression.fit(tasks.means(train), known, task.strength(), SlideTasks.TOLERANCE);
    double[] risks = Arrays.stream(tasks.means(test)).mapToDouble(fitted::risk).toArray();
    Survival[] judged = survival(task, test);
    ObjectNode details = tasks.details(task, fold, train, test).put("c", task.strength());
    details.put("events", Arrays.stream(judged).filter(Survival::event).count());
    details.put("converged", fitted.converged());
    var figures = new SurvivalFigures(risks, judged);
    List<String> notes =
        Double.isNaN(figures.value("c_index"))
            ? List.of(tasks.title(task, fold) + ": no two test samples can be compared")
            : List.of();
    return tasks.result(task, fold, figures, test, details, notes);
  }

  private Survival[] survival(SlideTask.SurvivalProbe task, int[] rows) throws DataException {
    Survival[] survival = new Survival[rows.length];
    for (int i = 0; i < rows.length; i++) {
      var entry = tasks.set().samples().get(rows[i]).entry();
      String time = entry.values().getOrDefault(task.time(), "");
      String event = entry.values().getOrDefault(task.event(), "").toLowerCase(Locale.ROOT);
      boolean happened =
          switch (event) {
            case "1", "1.0", "true", "yes" -> true;
            case "0", "0.0", "false", "no" -> false;
            default ->
                throw new DataException(
                    "%s of %s is '%s'; 1 or 0 is expected"
                        .formatted(task.event(), entry.id(), event));
          };
      try {
        survival[i] = new Survival(Double.parseDouble(time), happened);
      } catch (IllegalArgumentException e) {
        throw new DataException(
            "%s of %s is '%s'; a time, at least 0, is expected"
                .formatted(task.time(), entry.id(), time),
            e);
      }
    }
    return survival;
  }
}
