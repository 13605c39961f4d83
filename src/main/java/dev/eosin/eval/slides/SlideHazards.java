package dev.eosin.eval.slides;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.slides.SampleTable;
import dev.eosin.data.slides.SampleTable.Side;
import dev.eosin.eval.probes.Concordance.Survival;
import dev.eosin.eval.probes.Figures;
import dev.eosin.eval.probes.MeanFigures;
import dev.eosin.eval.probes.PublishedAttention;
import dev.eosin.eval.probes.SharedScores;
import dev.eosin.eval.probes.SurvivalFigures;
import dev.eosin.eval.tiles.ClassDetails;
import dev.eosin.eval.tiles.TaskResult;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Survival by Patho-Bench's network: hazards of intervals of time.
record SlideHazards(SlideTasks tasks) {
  /// Reads what a fold says.
  ///
  /// @throws DataException when a time, an event or an interval is none, or the events do not make
  ///   the intervals
  void check(SlideTask.PathoBenchSurvival task, int fold) throws DataException {
    int[] train = tasks.set().side(fold, Side.TRAIN);
    var survival = new SlideSurvival(tasks);
    survival.check(task, fold, train, tasks.set().side(fold, Side.TEST));
    intervals(task, fold, train, survival.known(task, fold, train));
  }

  /// @param run of several, from 0
  /// @return the risks of the test side, and the epoch whose weights gave them
  SharedScores run(SlideTask.PathoBenchSurvival task, int fold, int run) throws DataException {
    int[] train = tasks.set().side(fold, Side.TRAIN);
    Survival[] known = new SlideSurvival(tasks).known(task, fold, train);
    int[] intervals = intervals(task, fold, train, known);
    List<float[][]> bags = new ArrayList<>();
    List<Integer> sampleOf = new ArrayList<>();
    for (int i = 0; i < train.length; i++) {
      for (float[][] bag : tasks.set().bags(train[i], tasks.fusion())) {
        bags.add(bag);
        sampleOf.add(i);
      }
    }
    var key = new RandomKey(tasks.key().seed() + run);
    var training = new PathoBenchTraining(task.lr(), task.epochs(), task.tiles(), key);
    try (var network =
        new PublishedAttention(
            tasks.engine().get(),
            key,
            PublishedAttention.Built.PATHO_BENCH,
            bags.getFirst()[0].length,
            task.intervals(),
            task.lr(),
            task.weightDecay())) {
      training.learn(
          bags,
          (bag, tiles, rate, dropout) -> {
            int sample = sampleOf.get(bag);
            network.learn(tiles, intervals[sample], known[sample].event(), rate, dropout);
          });
      return new SharedScores(
          task.epochs(), risks(network, training, tasks.set().side(fold, Side.TEST)));
    }
  }

  /// Of several bags the mean.
  private double[][] risks(PublishedAttention network, PathoBenchTraining training, int[] test) {
    double[][] risks = new double[test.length][];
    for (int i = 0; i < test.length; i++) {
      List<float[][]> bags = tasks.set().bags(test[i], tasks.fusion());
      double sum = 0;
      for (int slide = 0; slide < bags.size(); slide++) {
        sum += network.risk(training.judged(bags.get(slide), i, slide));
      }
      risks[i] = new double[] {sum / bags.size()};
    }
    return risks;
  }

  /// What all runs say.
  TaskResult learnt(
      SlideTask.PathoBenchSurvival task, int fold, int[] train, int[] test, List<SharedScores> all)
      throws DataException {
    var survival = new SlideSurvival(tasks);
    Survival[] known = survival.known(task, fold, train);
    Survival[] judged = survival.survival(task, test);
    ObjectNode details = tasks.details(task, fold, train, test);
    details.put("events", Arrays.stream(judged).filter(Survival::event).count());
    if (!task.labelled()) {
      ArrayNode edges = details.putArray("edges");
      Arrays.stream(edges(task, fold, known)).forEach(edges::add);
    }
    ArrayNode epochs = details.putArray("epochs");
    List<Figures> runs = new ArrayList<>();
    for (SharedScores run : all) {
      epochs.add((int) run.said()[0]);
      double[] risks = Arrays.stream(run.scores()).mapToDouble(row -> row[0]).toArray();
      runs.add(new SurvivalFigures(risks, judged));
    }
    List<String> notes = survival.notes(task, fold, runs.getFirst());
    if (runs.size() == 1) {
      return tasks.result(task, fold, runs.getFirst(), test, details, notes);
    }
    var mean = new MeanFigures(runs);
    ClassDetails.put(details, mean.spreads());
    return tasks.result(task, fold, mean, test, details, notes);
  }

  /// The interval in which each sample's watching ended.
  private int[] intervals(SlideTask.PathoBenchSurvival task, int fold, int[] rows, Survival[] known)
      throws DataException {
    if (task.labelled()) {
      int[] told = new int[rows.length];
      for (int i = 0; i < told.length; i++) {
        told[i] = told(task, tasks.set().samples().get(rows[i]).entry());
      }
      return told;
    }
    double[] edges = edges(task, fold, known);
    return Arrays.stream(known).mapToInt(each -> interval(edges, each.time())).toArray();
  }

  private static int interval(double[] edges, double time) {
    return (int) Arrays.stream(edges).filter(edge -> edge <= time).count();
  }

  private int told(SlideTask.PathoBenchSurvival task, SampleTable.Entry entry)
      throws DataException {
    String said = entry.values().getOrDefault(tasks.label(), "");
    try {
      return Math.floorMod(Integer.parseInt(said.strip()), task.intervals());
    } catch (NumberFormatException e) {
      throw new DataException(
          "%s: %s of %s is '%s'; the number of an interval is expected, or labelled: false"
              .formatted(tasks.set().name(), tasks.label(), entry.id(), said),
          e);
    }
  }

  /// Where the second interval begins, the third, and so on: quantiles of the events' times,
  /// between two of them by their distance.
  private double[] edges(SlideTask.PathoBenchSurvival task, int fold, Survival[] known)
      throws DataException {
    double[] times =
        Arrays.stream(known).filter(Survival::event).mapToDouble(Survival::time).sorted().toArray();
    double[] edges =
        IntStream.range(1, task.intervals())
            .mapToDouble(edge -> quantile(times, (double) edge / task.intervals()))
            .toArray();
    long filled = Arrays.stream(times).mapToInt(time -> interval(edges, time)).distinct().count();
    if (filled < task.intervals()) {
      throw new DataException(
          "%s: %s: %s: %d events that are learnt from do not make %d intervals with an event in each; take fewer intervals"
              .formatted(
                  tasks.set().name(),
                  task.title(),
                  tasks.set().folds().get(fold),
                  times.length,
                  task.intervals()));
    }
    return edges;
  }

  private static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
