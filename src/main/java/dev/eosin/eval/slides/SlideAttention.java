package dev.eosin.eval.slides;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.slides.SampleTable.Side;
import dev.eosin.eval.probes.AttentionPooling;
import dev.eosin.eval.probes.Figures;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.MeanFigures;
import dev.eosin.eval.probes.TilePooling;
import dev.eosin.eval.tiles.ClassDetails;
import dev.eosin.eval.tiles.TaskResult;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// ABMIL on slides or patients.
record SlideAttention(SlideTasks tasks) {
  TaskResult run(SlideTask.Attention task, int fold, int[] train, int[] test) throws DataException {
    int[] truth = tasks.truth(train);
    tasks.requireLearnt(fold, truth);
    int[] validation = tasks.set().side(fold, Side.VALIDATION);
    List<float[][]> bags = new ArrayList<>();
    List<Integer> labelOf = new ArrayList<>();
    for (int i = 0; i < train.length; i++) {
      for (float[][] bag : tasks.set().bags(train[i], tasks.fusion())) {
        bags.add(bag);
        labelOf.add(truth[i]);
      }
    }
    int[] bagLabels = labelOf.stream().mapToInt(Integer::intValue).toArray();
    ObjectNode details = tasks.details(task, fold, train, test);
    var taken = details.putArray("epochs");
    List<Figures> runs = new ArrayList<>();
    for (int run = 0; run < task.runs(); run++) {
      var settings =
          new AttentionPooling.Settings(
              task.hidden(), task.attention(), task.lr(), task.weightDecay());
      var own = new RandomKey(tasks.key().seed() + run);
      try (var pooling =
          new AttentionPooling(
              tasks.engine().get(),
              own,
              bags.getFirst()[0].length,
              tasks.classes().size(),
              settings)) {
        taken.add(learn(pooling, task, bags, bagLabels, validation, own));
        runs.add(new LabelScores(scores(pooling, test), tasks.truth(test)));
      }
    }
    var first = (LabelScores) runs.getFirst();
    ClassDetails.put(details, first, tasks.labels());
    List<String> notes = ClassDetails.notes(tasks.title(task, fold), first, tasks.labels());
    if (runs.size() == 1) {
      return tasks.result(task, fold, first, test, details, notes);
    }
    var mean = new MeanFigures(runs);
    ClassDetails.put(details, mean.spreads());
    return tasks.result(task, fold, mean, test, details, notes);
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
        var judged = new LabelScores(scores(pooling, validation), tasks.truth(validation));
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
                    tasks.set().bags(row, tasks.fusion()).stream()
                        .map(bag -> pooling.read(bag).logits())
                        .map(SlideAttention::shares)
                        .toArray(double[][]::new)))
        .toArray(double[][]::new);
  }

  private static double[] shares(float[] logits) {
    return LabelScores.softmax(
        IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).toArray());
  }
}
