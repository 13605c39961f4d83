package dev.eosin.eval.slides;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.Concordance.Survival;
import dev.eosin.eval.probes.CoxRegression;
import dev.eosin.eval.probes.Figures;
import dev.eosin.eval.probes.SurvivalFigures;
import dev.eosin.eval.tiles.TaskResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Survival by the mean of the tiles' features.
record SlideSurvival(SlideTasks tasks) {
  /// A fit of means and survival, and what is said of it.
  private interface Fit {
    CoxRegression of(double[][] means, Survival[] known);
  }

  TaskResult run(SlideTask.SurvivalProbe task, int fold, int[] train, int[] test)
      throws DataException {
    ObjectNode details = tasks.details(task, fold, train, test).put("c", task.strength());
    return told(
        task,
        fold,
        train,
        test,
        details,
        (means, known) -> CoxRegression.fit(means, known, task.strength(), SlideTasks.TOLERANCE));
  }

  /// @param task of one alpha
  TaskResult run(SlideTask.ElasticNetSurvival task, int fold, int[] train, int[] test)
      throws DataException {
    double alpha = task.alphas().getFirst();
    ObjectNode details = tasks.details(task, fold, train, test).put("alpha", alpha);
    details.put("l1_ratio", task.l1Ratio());
    return told(
        task,
        fold,
        train,
        test,
        details,
        (means, known) ->
            CoxRegression.elasticNet(means, known, alpha, task.l1Ratio(), SlideTasks.TOLERANCE));
  }

  /// Reads every time and event of a fold.
  ///
  /// @throws DataException when one is none, or nothing is learnt from
  void check(SlideTask.Timed task, int fold, int[] train, int[] test) throws DataException {
    known(task, fold, train);
    survival(task, test);
  }

  /// What is learnt from.
  ///
  /// @throws DataException when no sample has an event
  Survival[] known(SlideTask.Timed task, int fold, int[] train) throws DataException {
    Survival[] known = survival(task, train);
    if (Arrays.stream(known).noneMatch(Survival::event)) {
      throw new DataException(
          "%s: %s: %s: no sample that is learnt from has an event"
              .formatted(tasks.set().name(), task.title(), tasks.set().folds().get(fold)));
    }
    return known;
  }

  private TaskResult told(
      SlideTask.Timed task, int fold, int[] train, int[] test, ObjectNode details, Fit fit)
      throws DataException {
    Survival[] known = known(task, fold, train);
    CoxRegression fitted = fit.of(tasks.means(train), known);
    double[] risks = Arrays.stream(tasks.means(test)).mapToDouble(fitted::risk).toArray();
    Survival[] judged = survival(task, test);
    details.put("events", Arrays.stream(judged).filter(Survival::event).count());
    details.put("features", fitted.coefficients().length).put("features_taken", fitted.taken());
    details.put("converged", fitted.converged());
    var figures = new SurvivalFigures(risks, judged);
    List<String> notes = new ArrayList<>();
    notes.addAll(notes(task, fold, figures));
    if (fitted.taken() == 0) {
      notes.add(
          "%s: no feature is taken, so that all risks are equal; take a smaller alpha"
              .formatted(tasks.title(task, fold)));
    }
    if (!fitted.converged()) {
      notes.add(tasks.title(task, fold) + ": the fit did not converge");
    }
    return tasks.result(task, fold, figures, test, details, notes);
  }

  /// What is to be said of the figures of a test side.
  List<String> notes(SlideTask task, int fold, Figures figures) {
    return Double.isNaN(figures.value("c_index"))
        ? List.of(
            tasks.title(task, fold)
                + ": c_index is not defined, since no two test samples can be compared")
        : List.of();
  }

  /// Times and events of samples.
  ///
  /// @throws DataException when one is none
  Survival[] survival(SlideTask.Timed task, int[] rows) throws DataException {
    String timeColumn = task.timeOf(tasks.label());
    String eventColumn = task.eventOf(tasks.label());
    Survival[] survival = new Survival[rows.length];
    for (int i = 0; i < rows.length; i++) {
      var entry = tasks.set().samples().get(rows[i]).entry();
      String time = entry.values().getOrDefault(timeColumn, "");
      String event = entry.values().getOrDefault(eventColumn, "").toLowerCase(Locale.ROOT);
      boolean happened =
          switch (event) {
            case "1", "1.0", "true", "yes" -> true;
            case "0", "0.0", "false", "no" -> false;
            default ->
                throw new DataException(
                    "%s: %s of %s is '%s'; 1 or 0 is expected"
                        .formatted(tasks.set().name(), eventColumn, entry.id(), event));
          };
      try {
        survival[i] = new Survival(Double.parseDouble(time), happened);
      } catch (IllegalArgumentException e) {
        throw new DataException(
            "%s: %s of %s is '%s'; a time, at least 0, is expected"
                .formatted(tasks.set().name(), timeColumn, entry.id(), time),
            e);
      }
    }
    return survival;
  }
}
