package dev.eosin.eval.slides;

import dev.eosin.config.DataException;
import dev.eosin.data.slides.SampleTable.Side;
import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.PublishedAttention;
import dev.eosin.eval.probes.SharedScores;
import dev.eosin.eval.probes.TilePooling;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/// ABMIL of slides or patients as publications' code trains it.
record SlideBags(SlideTasks tasks) {
  /// torch's ConstantLR, as it is by itself.
  private static final int SLOW_EPOCHS = 5;

  private static final double SLOW = 1.0 / 3;

  /// What is learnt from: each bag with its class.
  private record Known(List<float[][]> bags, int[] labels) {}

  /// Trains a network.
  private interface Training {
    /// @return the epoch whose weights it has
    int learn(PublishedAttention network, Known known, RandomKey key) throws DataException;
  }

  /// The slides by which a training ends.
  ///
  /// @throws DataException when there is none
  int[] validation(SlideTask.EvaAttention task, int fold) throws DataException {
    int[] validation = tasks.set().side(fold, Side.VALIDATION);
    if (validation.length == 0) {
      throw new DataException(
          "%s: %s: no slide is for validation, by which it ends; mark some as val, or take abmil"
              .formatted(task.title(), tasks.set().folds().get(fold)));
    }
    return validation;
  }

  /// @param run of several, from 0
  /// @return the scores of the test side, and the epoch whose weights gave them
  SharedScores run(SlideTask.EvaAttention task, int fold, int run) throws DataException {
    int[] test = tasks.set().side(fold, Side.TEST);
    int[] validation = validation(task, fold);
    int[] truth = tasks.truth(validation);
    Training training =
        (network, known, key) -> {
          int best = 0;
          int updates = 0;
          double most = Double.NEGATIVE_INFINITY;
          Map<String, float[]> kept = network.kept();
          for (int epoch = 1;
              epoch <= task.epochs() && updates < task.updates() && epoch - best <= task.patience();
              epoch++) {
            double rate = epoch <= SLOW_EPOCHS ? SLOW * task.lr() : task.lr();
            int[] order = PathoBenchTraining.order(known.labels().length, key, epoch);
            for (int from = 0; from < order.length && updates < task.updates(); updates++) {
              int to = Math.min(order.length, from + task.batch());
              int[] some = Arrays.copyOfRange(order, from, to);
              network.learn(
                  IntStream.of(some).mapToObj(known.bags()::get).toList(),
                  IntStream.of(some).map(i -> known.labels()[i]).toArray(),
                  rate,
                  OptionalLong.empty());
              from = to;
            }
            double reached = balancedAccuracy(shares(network, validation), truth);
            if (reached > most) {
              most = reached;
              best = epoch;
              kept = network.kept();
            }
          }
          network.restore(kept);
          return best;
        };
    return told(
        fold,
        run,
        new Network(PublishedAttention.Built.EVA, task.lr(), task.weightDecay()),
        training,
        (network, key) -> shares(network, test));
  }

  /// As above.
  SharedScores run(SlideTask.PathoBenchAttention task, int fold, int run) throws DataException {
    int[] test = tasks.set().side(fold, Side.TEST);
    Training training =
        (network, known, key) -> {
          training(task, key)
              .learn(
                  known.bags(),
                  (bag, tiles, rate, dropout) ->
                      network.learn(
                          List.<float[][]>of(tiles),
                          new int[] {known.labels()[bag]},
                          rate,
                          dropout));
          return task.epochs();
        };
    return told(
        fold,
        run,
        new Network(PublishedAttention.Built.PATHO_BENCH, task.lr(), task.weightDecay()),
        training,
        (network, key) -> {
          PathoBenchTraining looks = training(task, key);
          double[][] shares = new double[test.length][];
          for (int i = 0; i < test.length; i++) {
            List<double[]> slides = new ArrayList<>();
            for (float[][] bag : tasks.set().bags(test[i], tasks.fusion())) {
              slides.add(network.shares(looks.judged(bag, i, slides.size())));
            }
            shares[i] = TilePooling.mean(slides.toArray(double[][]::new));
          }
          return shares;
        });
  }

  private static PathoBenchTraining training(SlideTask.PathoBenchAttention task, RandomKey key) {
    return new PathoBenchTraining(task.lr(), task.epochs(), task.tiles(), key);
  }

  private record Network(PublishedAttention.Built built, double lr, double weightDecay) {}

  private interface Judgement {
    double[][] of(PublishedAttention network, RandomKey key);
  }

  private SharedScores told(int fold, int run, Network of, Training training, Judgement judgement)
      throws DataException {
    Known known = known(fold, tasks.set().side(fold, Side.TRAIN));
    var key = new RandomKey(tasks.key().seed() + run);
    try (var network =
        new PublishedAttention(
            tasks.engine().get(),
            key,
            of.built(),
            known.bags().getFirst()[0].length,
            tasks.classes().size(),
            of.lr(),
            of.weightDecay())) {
      int epoch = training.learn(network, known, key);
      return new SharedScores(epoch, judgement.of(network, key));
    }
  }

  private Known known(int fold, int[] train) throws DataException {
    int[] truth = tasks.truth(train);
    tasks.requireLearnt(fold, truth);
    List<float[][]> bags = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i < train.length; i++) {
      for (float[][] bag : tasks.set().bags(train[i], tasks.fusion())) {
        bags.add(bag);
        labels.add(truth[i]);
      }
    }
    return new Known(bags, labels.stream().mapToInt(Integer::intValue).toArray());
  }

  private double balancedAccuracy(double[][] shares, int[] truth) {
    int[] predicted = Arrays.stream(shares).mapToInt(LabelScores::largest).toArray();
    return ConfusionMatrix.of(truth, predicted, tasks.classes().size()).balancedAccuracy();
  }

  /// Of several bags the mean.
  private double[][] shares(PublishedAttention network, int[] rows) {
    return IntStream.of(rows)
        .mapToObj(
            row ->
                TilePooling.mean(
                    tasks.set().bags(row, tasks.fusion()).stream()
                        .map(network::shares)
                        .toArray(double[][]::new)))
        .toArray(double[][]::new);
  }
}
