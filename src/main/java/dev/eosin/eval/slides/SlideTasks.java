package dev.eosin.eval.slides;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.SampleTable.Side;
import dev.eosin.eval.ZeroShotClassifier;
import dev.eosin.eval.probes.AttentionPooling;
import dev.eosin.eval.probes.Concordance.Survival;
import dev.eosin.eval.probes.CoxRegression;
import dev.eosin.eval.probes.Figures;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.LogisticRegression;
import dev.eosin.eval.probes.MeanFigures;
import dev.eosin.eval.probes.MultiLabelRegression;
import dev.eosin.eval.probes.MultiLabelScores;
import dev.eosin.eval.probes.SurvivalFigures;
import dev.eosin.eval.probes.TilePooling;
import dev.eosin.eval.samples.Sample;
import dev.eosin.eval.tiles.ClassDetails;
import dev.eosin.eval.tiles.TaskResult;
import dev.eosin.eval.tiles.TileClass;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
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
  private static final double TOLERANCE = 1e-7;

  /// A model's prompts of the classes.
  ///
  /// @param logitScale what cosines are multiplied with to be logits
  public record Prompts(ZeroShotClassifier classifier, double logitScale) {}

  /// Runs a task on a fold: learns from its train side, judges by its test side.
  ///
  /// @param task of one result
  /// @throws DataException when a side is empty, a class is missing where it is learnt, or a value
  ///   of the table is none
  public TaskResult run(SlideTask task, int fold) throws DataException {
    int[] test = set.side(fold, Side.TEST);
    requireSome(fold, "test", test);
    boolean learns = !(task instanceof SlideTask.MiZero);
    int[] train = learns ? set.side(fold, Side.TRAIN) : new int[0];
    if (learns) {
      requireSome(fold, "train", train);
    }
    return switch (task) {
      case SlideTask.MiZero zero -> miZero(zero, fold, test);
      case SlideTask.MeanProbe probe -> mean(probe, fold, train, test);
      case SlideTask.Attention attention -> attention(attention, fold, train, test);
      case SlideTask.SurvivalProbe survival -> survival(survival, fold, train, test);
      case SlideTask.SeveralLabels several -> several(several, fold, train, test);
    };
  }

  private void requireSome(int fold, String side, int[] rows) throws DataException {
    if (rows.length == 0) {
      throw new DataException(
          "%s: no slide with tiles is for %s".formatted(set.folds().get(fold), side));
    }
  }

  private List<String> labels() {
    return classes.stream().map(TileClass::label).toList();
  }

  private int[] truth(int[] rows) throws DataException {
    return set.classes(rows, label, classes, names);
  }

  private double[][] means(int[] rows) {
    return IntStream.of(rows).mapToObj(row -> set.mean(row, fusion)).toArray(double[][]::new);
  }

  private ObjectNode details(SlideTask task, int fold, int[] train, int[] test) {
    ObjectNode details = ClassDetails.object().put("version", task.version());
    details.put("fold", set.folds().get(fold));
    details.put("fusion", fusion.name().toLowerCase(Locale.ROOT));
    details.putObject("samples").put("train", train.length).put("test", test.length);
    return details;
  }

  private TaskResult result(
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

  private void requireLearnt(int fold, int[] truth) throws DataException {
    for (int each = 0; each < classes.size(); each++) {
      int wanted = each;
      if (Arrays.stream(truth).noneMatch(found -> found == wanted)) {
        throw new DataException(
            "%s: no sample of the class '%s' is among the %d that are learnt from"
                .formatted(set.folds().get(fold), labels().get(each), truth.length));
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

  private TaskResult attention(SlideTask.Attention task, int fold, int[] train, int[] test)
      throws DataException {
    int[] truth = truth(train);
    requireLearnt(fold, truth);
    int[] validation = set.side(fold, Side.VALIDATION);
    List<float[][]> bags = new ArrayList<>();
    List<Integer> labelOf = new ArrayList<>();
    for (int i = 0; i < train.length; i++) {
      for (float[][] bag : set.bags(train[i], fusion)) {
        bags.add(bag);
        labelOf.add(truth[i]);
      }
    }
    int[] bagLabels = labelOf.stream().mapToInt(Integer::intValue).toArray();
    ObjectNode details = details(task, fold, train, test);
    var taken = details.putArray("epochs");
    List<Figures> runs = new ArrayList<>();
    for (int run = 0; run < task.runs(); run++) {
      var settings =
          new AttentionPooling.Settings(
              task.hidden(), task.attention(), task.lr(), task.weightDecay());
      var own = new RandomKey(key.seed() + run);
      try (var pooling =
          new AttentionPooling(
              engine.get(), own, bags.getFirst()[0].length, classes.size(), settings)) {
        taken.add(learn(pooling, task, bags, bagLabels, validation, own));
        runs.add(new LabelScores(scores(pooling, test), truth(test)));
      }
    }
    var first = (LabelScores) runs.getFirst();
    ClassDetails.put(details, first, labels());
    List<String> notes = ClassDetails.notes(title(task, fold), first, labels());
    if (runs.size() == 1) {
      return result(task, fold, first, test, details, notes);
    }
    var mean = new MeanFigures(runs);
    ClassDetails.put(details, mean.spreads());
    return result(task, fold, mean, test, details, notes);
  }

  /// @return the epoch whose weights are kept
  private int learn(
      AttentionPooling pooling,
      SlideTask.Attention task,
      List<float[][]> bags,
      int[] bagLabels,
      int[] validation,
      RandomKey own)
      throws DataException {
    int best = task.epochs();
    double most = Double.NEGATIVE_INFINITY;
    Map<String, float[]> kept = Map.of();
    for (int epoch = 1; epoch <= task.epochs(); epoch++) {
      pooling.epoch(bags, bagLabels, own, epoch);
      if (validation.length > 0) {
        var judged = new LabelScores(scores(pooling, validation), truth(validation));
        int[] once = new int[validation.length];
        Arrays.fill(once, 1);
        double reached = judged.confusion().f1Macro() + judged.area().meanOfDefined(once).orElse(0);
        if (reached > most) {
          most = reached;
          best = epoch;
          kept = pooling.kept();
        }
      }
    }
    if (validation.length > 0) {
      pooling.restore(kept);
    }
    return best;
  }

  /// Of several bags the mean of the shares.
  private double[][] scores(AttentionPooling pooling, int[] rows) {
    return IntStream.of(rows)
        .mapToObj(
            row ->
                TilePooling.mean(
                    set.bags(row, fusion).stream()
                        .map(bag -> pooling.read(bag).logits())
                        .map(SlideTasks::shares)
                        .toArray(double[][]::new)))
        .toArray(double[][]::new);
  }

  private static double[] shares(float[] logits) {
    return LabelScores.softmax(
        IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).toArray());
  }

  private TaskResult survival(SlideTask.SurvivalProbe task, int fold, int[] train, int[] test)
      throws DataException {
    Survival[] known = survival(task, train);
    if (Arrays.stream(known).noneMatch(Survival::event)) {
      throw new DataException(
          "%s: %s: no sample that is learnt from has an event"
              .formatted(task.title(), set.folds().get(fold)));
    }
    CoxRegression fitted = CoxRegression.fit(means(train), known, task.strength(), TOLERANCE);
    double[] risks = Arrays.stream(means(test)).mapToDouble(fitted::risk).toArray();
    Survival[] judged = survival(task, test);
    ObjectNode details = details(task, fold, train, test).put("c", task.strength());
    details.put("events", Arrays.stream(judged).filter(Survival::event).count());
    details.put("converged", fitted.converged());
    var figures = new SurvivalFigures(risks, judged);
    List<String> notes =
        Double.isNaN(figures.value("c_index"))
            ? List.of(title(task, fold) + ": no two test samples can be compared")
            : List.of();
    return result(task, fold, figures, test, details, notes);
  }

  private Survival[] survival(SlideTask.SurvivalProbe task, int[] rows) throws DataException {
    Survival[] survival = new Survival[rows.length];
    for (int i = 0; i < rows.length; i++) {
      var entry = set.samples().get(rows[i]).entry();
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

  private TaskResult several(SlideTask.SeveralLabels task, int fold, int[] train, int[] test)
      throws DataException {
    SortedSet<String> all = new TreeSet<>();
    set.samples().forEach(sample -> all.addAll(said(task, sample)));
    List<String> kept = new ArrayList<>();
    List<String> out = new ArrayList<>();
    for (String each : all) {
      long positive = IntStream.of(test).filter(row -> has(task, row, each)).count();
      long learnt = IntStream.of(train).filter(row -> has(task, row, each)).count();
      boolean told =
          positive >= task.fewest()
              && positive < test.length
              && learnt > 0
              && learnt < train.length;
      (told ? kept : out).add(each);
    }
    if (kept.isEmpty()) {
      throw new DataException(
          "%s: %s: no label is left of %s: each needs samples with and without it on both sides, and %d for testing"
              .formatted(task.title(), set.folds().get(fold), all, task.fewest()));
    }
    MultiLabelRegression fitted =
        MultiLabelRegression.fit(
            means(train), truth(task, train, kept), task.strength(), TOLERANCE);
    double[][] scores = Arrays.stream(means(test)).map(fitted::scores).toArray(double[][]::new);
    var judged = new MultiLabelScores(scores, truth(task, test, kept));
    ObjectNode details = details(task, fold, train, test).put("c", task.strength());
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
            : List.of("%s: left out, too few samples: %s".formatted(title(task, fold), out));
    return result(task, fold, judged, test, details, notes);
  }

  private boolean[][] truth(SlideTask.SeveralLabels task, int[] rows, List<String> labels) {
    boolean[][] truth = new boolean[rows.length][labels.size()];
    for (int i = 0; i < rows.length; i++) {
      for (int l = 0; l < labels.size(); l++) {
        truth[i][l] = has(task, rows[i], labels.get(l));
      }
    }
    return truth;
  }

  private boolean has(SlideTask.SeveralLabels task, int row, String label) {
    return said(task, set.samples().get(row)).contains(label);
  }

  private static List<String> said(SlideTask.SeveralLabels task, SlideSet.Sample sample) {
    String text = sample.entry().values().getOrDefault(task.column(), "");
    return Arrays.stream(text.split(Pattern.quote(task.separator())))
        .map(String::strip)
        .filter(each -> !each.isEmpty())
        .toList();
  }
}
