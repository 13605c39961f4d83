package dev.eosin.eval.slides;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.slides.SampleTable.Side;
import dev.eosin.eval.ZeroShotClassifier;
import dev.eosin.eval.probes.Figures;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.LogisticRegression;
import dev.eosin.eval.probes.MeanFigures;
import dev.eosin.eval.probes.SharedScores;
import dev.eosin.eval.probes.TilePooling;
import dev.eosin.eval.samples.Sample;
import dev.eosin.eval.tiles.ClassDetails;
import dev.eosin.eval.tiles.TaskResult;
import dev.eosin.eval.tiles.TileClass;
import dev.eosin.group.SharedUnits;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Runs tasks on slides or patients, fold by fold.
///
/// @param set with features
/// @param classes of the label, in their order; none where no task tells them
/// @param label its column
/// @param names of the labels by what the table has for them
/// @param fusion of several slides
/// @param prompts classify tiles, for those tasks that need it
/// @param engine for those that learn by gradients
/// @param key draws what is drawn
public record SlideTasks(
    SlideSet set,
    List<TileClass> classes,
    String label,
    Map<String, String> names,
    SlideSet.Fusion fusion,
    Optional<Prompts> prompts,
    Supplier<Engine> engine,
    RandomKey key) {
  static final double TOLERANCE = 1e-7;

  /// A model's prompts of the classes.
  ///
  /// @param logitScale what cosines are multiplied with to be logits
  public record Prompts(ZeroShotClassifier classifier, double logitScale) {}

  /// Refuses what [#run] would refuse, without learning: what is wrong with the last task is known
  /// before the long work of the first.
  ///
  /// @throws DataException when a side is empty, a class or an event is missing where it is learnt,
  ///   or a value of the table is none
  public void check(SlideTask task, int fold) throws DataException {
    int[] test = side(fold, Side.TEST);
    switch (task) {
      case SlideTask.MiZero _ -> truth(test);
      case SlideTask.MeanProbe _, SlideTask.PathoBenchAttention _ -> checkClasses(fold, test);
      case SlideTask.Attention _ -> {
        checkClasses(fold, test);
        truth(set.side(fold, Side.VALIDATION));
      }
      case SlideTask.EvaAttention eva -> {
        checkClasses(fold, test);
        truth(new SlideBags(this).validation(eva, fold));
      }
      case SlideTask.PathoBenchSurvival survival -> {
        side(fold, Side.TRAIN);
        new SlideHazards(this).check(survival, fold);
      }
      case SlideTask.Timed survival ->
          new SlideSurvival(this).check(survival, fold, side(fold, Side.TRAIN), test);
      case SlideTask.SeveralLabels several ->
          new SlideLabels(this).told(several, fold, side(fold, Side.TRAIN), test);
    }
  }

  private void checkClasses(int fold, int[] test) throws DataException {
    requireLearnt(fold, truth(side(fold, Side.TRAIN)));
    truth(test);
  }

  /// Runs a task on folds: learns from the train side of each, judges by its test side. Networks
  /// are trained by ranks that share all runs of all these folds.
  ///
  /// @param task of one result
  /// @return of each fold what was found, the same on every rank
  /// @throws DataException when a side is empty, a class is missing where it is learnt, or a value
  ///   of the table is none
  /// @throws dev.eosin.eval.probes.StoppedException when it was asked to stop
  public List<TaskResult> run(SlideTask task, List<Integer> folds, SharedUnits units)
      throws IOException {
    List<Fold> sides = new ArrayList<>();
    for (int fold : folds) {
      sides.add(fold(task, fold));
    }
    List<TaskResult> results = new ArrayList<>();
    if (task instanceof SlideTask.Trained trained) {
      int runs = trained.runs();
      int[] rows =
          IntStream.range(0, runs * folds.size())
              .map(unit -> sides.get(unit / runs).test().length)
              .toArray();
      List<SharedScores> all =
          SharedScores.all(
              units, rows, unit -> trained(trained, folds.get(unit / runs), unit % runs));
      for (int i = 0; i < sides.size(); i++) {
        results.add(learnt(trained, sides.get(i), all.subList(i * runs, (i + 1) * runs)));
      }
    } else {
      for (Fold fold : sides) {
        results.add(run(task, fold));
      }
    }
    return results;
  }

  /// The samples of a fold's sides.
  private record Fold(int number, int[] train, int[] test) {}

  private Fold fold(SlideTask task, int fold) throws DataException {
    int[] test = side(fold, Side.TEST);
    boolean learns = !(task instanceof SlideTask.MiZero);
    int[] train = learns ? side(fold, Side.TRAIN) : new int[0];
    return new Fold(fold, train, test);
  }

  private TaskResult run(SlideTask task, Fold fold) throws DataException {
    int number = fold.number();
    int[] train = fold.train();
    int[] test = fold.test();
    return switch (task) {
      case SlideTask.MiZero zero -> miZero(zero, number, test);
      case SlideTask.MeanProbe probe -> mean(probe, number, train, test);
      case SlideTask.ElasticNetSurvival net ->
          new SlideSurvival(this).run(net, number, train, test);
      case SlideTask.SurvivalProbe survival ->
          new SlideSurvival(this).run(survival, number, train, test);
      case SlideTask.SeveralLabels several ->
          new SlideLabels(this).run(several, number, train, test);
      case SlideTask.Trained trained ->
          throw new IllegalArgumentException(trained.title() + " is trained in runs");
    };
  }

  private SharedScores trained(SlideTask.Trained task, int fold, int run) throws DataException {
    return switch (task) {
      case SlideTask.Attention attention -> new SlideAttention(this).run(attention, fold, run);
      case SlideTask.EvaAttention eva -> new SlideBags(this).run(eva, fold, run);
      case SlideTask.PathoBenchAttention bench -> new SlideBags(this).run(bench, fold, run);
      case SlideTask.PathoBenchSurvival bench -> new SlideHazards(this).run(bench, fold, run);
    };
  }

  private TaskResult learnt(SlideTask.Trained task, Fold fold, List<SharedScores> all)
      throws DataException {
    if (task instanceof SlideTask.PathoBenchSurvival survival) {
      return new SlideHazards(this).learnt(survival, fold.number(), fold.train(), fold.test(), all);
    }
    int[] truth = truth(fold.test());
    ObjectNode details = details(task, fold.number(), fold.train(), fold.test());
    ArrayNode epochs = details.putArray("epochs");
    List<Figures> runs = new ArrayList<>();
    for (SharedScores run : all) {
      epochs.add((int) run.said()[0]);
      runs.add(new LabelScores(run.scores(), truth));
    }
    var first = (LabelScores) runs.getFirst();
    ClassDetails.put(details, first, labels());
    List<String> notes = new ArrayList<>(withoutChoice(task, fold.number()));
    notes.addAll(ClassDetails.notes(title(task, fold.number()), first, labels()));
    if (runs.size() == 1) {
      return result(task, fold.number(), first, fold.test(), details, notes);
    }
    var mean = new MeanFigures(runs);
    ClassDetails.put(details, mean.spreads());
    return result(task, fold.number(), mean, fold.test(), details, notes);
  }

  /// Classes of which no sample chooses the epoch.
  private List<String> withoutChoice(SlideTask.Trained task, int fold) throws DataException {
    int[] validation = set.side(fold, Side.VALIDATION);
    if (validation.length == 0 || task instanceof SlideTask.PathoBenchAttention) {
      return List.of();
    }
    int[] truth = truth(validation);
    List<String> missing =
        IntStream.range(0, classes.size())
            .filter(label -> IntStream.of(truth).noneMatch(each -> each == label))
            .mapToObj(labels()::get)
            .toList();
    return missing.isEmpty()
        ? List.of()
        : List.of(
            "%s: the %d samples that choose the epoch have none of %s: the choice does not look at them"
                .formatted(title(task, fold), validation.length, String.join(", ", missing)));
  }

  private int[] side(int fold, Side side) throws DataException {
    int[] rows = set.side(fold, side);
    if (rows.length == 0) {
      throw new DataException(
          "%s: %s: no slide with tiles is for %s"
              .formatted(set.name(), set.folds().get(fold), side.name().toLowerCase(Locale.ROOT)));
    }
    return rows;
  }

  List<String> labels() {
    return classes.stream().map(TileClass::label).toList();
  }

  int[] truth(int[] rows) throws DataException {
    return set.classes(rows, label, classes, names);
  }

  double[][] means(int[] rows) {
    return IntStream.of(rows).mapToObj(row -> set.mean(row, fusion)).toArray(double[][]::new);
  }

  ObjectNode details(SlideTask task, int fold, int[] train, int[] test) {
    ObjectNode details = ClassDetails.object().put("version", task.version());
    details.put("fold", set.folds().get(fold));
    details.put("fusion", fusion.name().toLowerCase(Locale.ROOT));
    details.putObject("samples").put("train", train.length).put("test", test.length);
    return details;
  }

  TaskResult result(
      SlideTask task,
      int fold,
      Figures figures,
      int[] test,
      ObjectNode details,
      List<String> notes) {
    String title = set.folds().size() == 1 ? task.title() : title(task, fold);
    // A sample is what is drawn: all slides of a patient together.
    List<Sample> samples =
        IntStream.of(test)
            .mapToObj(row -> Sample.alone(set.samples().get(row).entry().id()))
            .toList();
    return TaskResult.of(title, figures, samples, labels(), key, details, notes);
  }

  /// What a task is called in a fold.
  public String title(SlideTask task, int fold) {
    return "%s/%s".formatted(task.title(), set.folds().get(fold));
  }

  private TaskResult classified(
      SlideTask task, int fold, double[][] scores, int[] test, ObjectNode details)
      throws DataException {
    var judged = new LabelScores(scores, truth(test));
    ClassDetails.put(details, judged, labels());
    return result(
        task, fold, judged, test, details, ClassDetails.notes(title(task, fold), judged, labels()));
  }

  private TaskResult miZero(SlideTask.MiZero task, int fold, int[] test) throws DataException {
    Prompts asked =
        prompts.orElseThrow(
            () ->
                new DataException(
                    task.title() + ": needs a model that embeds prompts; name it in prompts-by"));
    int top = task.top().getFirst();
    double[][] scores = new double[test.length][];
    for (int i = 0; i < test.length; i++) {
      List<double[]> pooled = new ArrayList<>();
      for (float[][] bag : set.bags(test[i], fusion)) {
        double[][] cosines =
            Arrays.stream(bag).parallel().map(asked.classifier()::cosines).toArray(double[][]::new);
        pooled.add(TilePooling.top(cosines, top));
      }
      // Slides are compared by shares: raw cosines of a class rise and fall with the stain.
      double[] mean = TilePooling.mean(pooled.toArray(double[][]::new));
      scores[i] =
          LabelScores.softmax(Arrays.stream(mean).map(c -> asked.logitScale() * c).toArray());
    }
    ObjectNode details = details(task, fold, new int[0], test).put("top", top);
    details.put("logit_scale", asked.logitScale());
    return classified(task, fold, scores, test, details);
  }

  void requireLearnt(int fold, int[] truth) throws DataException {
    for (int each = 0; each < classes.size(); each++) {
      int wanted = each;
      if (Arrays.stream(truth).noneMatch(found -> found == wanted)) {
        throw new DataException(
            "%s: %s: no sample of the class '%s' is among the %d that are learnt from"
                .formatted(set.name(), set.folds().get(fold), labels().get(each), truth.length));
      }
    }
  }

  private TaskResult mean(SlideTask.MeanProbe task, int fold, int[] train, int[] test)
      throws DataException {
    int[] truth = truth(train);
    requireLearnt(fold, truth);
    double[][] vectors = means(train);
    LogisticRegression.Rows rows =
        task.balanced()
            ? LogisticRegression.Rows.balanced(vectors, truth, classes.size())
            : LogisticRegression.Rows.equal(vectors, truth, classes.size());
    double c = task.adaptive() ? vectors[0].length * classes.size() / 100.0 : task.strength();
    LogisticRegression fitted = LogisticRegression.fit(rows, c, TOLERANCE);
    double[][] scores =
        Arrays.stream(means(test)).map(fitted::probabilities).toArray(double[][]::new);
    ObjectNode details = details(task, fold, train, test).put("c", c);
    details.put("converged", fitted.converged());
    return classified(task, fold, scores, test, details);
  }
}
