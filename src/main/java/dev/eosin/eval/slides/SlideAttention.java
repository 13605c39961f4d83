package dev.eosin.eval.slides;

import dev.eosin.config.DataException;
import dev.eosin.data.slides.SampleTable.Side;
import dev.eosin.eval.probes.AttentionPooling;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.SharedScores;
import dev.eosin.eval.probes.TilePooling;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// ABMIL on slides or patients.
record SlideAttention(SlideTasks tasks) {
  /// @param run of several, from 0
  /// @return the scores of the test side, and the epoch whose weights gave them
  SharedScores run(SlideTask.Attention task, int fold, int run) throws DataException {
    int[] train = tasks.set().side(fold, Side.TRAIN);
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
      int epoch = learn(pooling, task, bags, bagLabels, validation, own);
      return new SharedScores(epoch, scores(pooling, tasks.set().side(fold, Side.TEST)));
    }
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
