package dev.eosin.eval.probes;

import dev.eosin.eval.ConfusionMatrix;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.Arrays;

/// One linear layer, trained by AdamW on batches, as eva, Multimodal-Probes and CLIP_benchmark
/// train theirs. An epoch takes every row once, in an order of its own; its last batch may be
/// smaller.
///
/// @param weights all rows [classes,c], then the intercepts [classes]
/// @param classes number of classes
/// @param updates until the weights that are kept
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record GradientProbe(double[] weights, int classes, long updates) {
  private static final double FIRST_MOMENT = 0.9;
  private static final double SECOND_MOMENT = 0.999;
  private static final double EPSILON = 1e-8;

  /// How it is trained.
  ///
  /// @param lr learning rate
  /// @param weightDecay decoupled, of the matrix alone unless the course says other
  /// @param batch rows of an update
  /// @param updates at most
  /// @param patience share of the updates without a better balanced accuracy on the validation
  ///   rows, looked at behind each epoch, that ends the training; the weights of the best are kept.
  ///   1 for the last weights, whatever the validation rows say
  /// @param slowEpochs at the beginning, with a third of the rate
  /// @param course of the rate and the decay
  public record Settings(
      double lr,
      double weightDecay,
      int batch,
      long updates,
      double patience,
      int slowEpochs,
      Course course) {
    /// Of a constant rate.
    public Settings(
        double lr, double weightDecay, int batch, long updates, double patience, int slowEpochs) {
      this(lr, weightDecay, batch, updates, patience, slowEpochs, Course.CONSTANT);
    }

    /// @param update behind so many others
    double rate(int epoch, long update) {
      return switch (course) {
        case CONSTANT -> epoch < slowEpochs ? lr / 3 : lr;
        case COSINE -> lr * (1 + Math.cos(Math.PI * update / updates)) / 2;
      };
    }
  }

  /// How rate and decay go.
  public enum Course {
    /// The same rate all along but for slow epochs; intercepts do not decay.
    CONSTANT,
    /// From the rate to nothing by a cosine, and intercepts decay, too, as CLIP_benchmark has it.
    COSINE
  }

  /// Rows that choose.
  ///
  /// @param vectors `[n][c]`
  /// @param labels `[n]`
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Validation(double[][] vectors, int[] labels) {}

  /// Trains.
  ///
  /// @param run which of several runs: they differ in first weights and in order
  public static GradientProbe fit(
      LogisticRegression.Rows rows,
      Validation validation,
      Settings settings,
      RandomKey key,
      int run) {
    return new Training(rows, validation, settings, key, run).run();
  }

  /// Trains from given weights, in an order of the first run's.
  static GradientProbe from(
      double[] first, LogisticRegression.Rows rows, Settings settings, RandomKey key) {
    var training =
        new Training(rows, new Validation(new double[0][], new int[0]), settings, key, 0);
    System.arraycopy(first, 0, training.weights, 0, first.length);
    return training.run();
  }

  /// Logits of the classes.
  ///
  /// @param vector `[c]`
  public double[] scores(double[] vector) {
    double[] scores = new double[classes];
    for (int k = 0; k < classes; k++) {
      scores[k] =
          weights[classes * vector.length + k]
              + LogisticRegression.dot(weights, k * vector.length, vector);
    }
    return scores;
  }

  private static final class Training {
    private final LogisticRegression.Rows rows;
    private final Validation validation;
    private final Settings settings;
    private final RandomKey key;
    private final int run;
    private final double[] weights;
    private final double[] first;
    private final double[] second;

    Training(
        LogisticRegression.Rows rows,
        Validation validation,
        Settings settings,
        RandomKey key,
        int run) {
      this.rows = rows;
      this.validation = validation;
      this.settings = settings;
      this.key = key;
      this.run = run;
      int width = rows.vectors()[0].length;
      this.weights = new double[rows.count() * (width + 1)];
      this.first = new double[weights.length];
      this.second = new double[weights.length];
      // torch's Linear: uniform within one through the root of the width.
      RandomStream random = key.stream(Purpose.INITIALISATION, run, 0);
      double most = Math.pow(width, -0.5);
      Arrays.setAll(weights, i -> most * (2 * random.nextDouble() - 1));
    }

    GradientProbe run() {
      boolean stops = settings.patience() < 1;
      GradientProbe best = probe(0);
      double most = Double.NEGATIVE_INFINITY;
      long update = 0;
      for (int epoch = 0; update < settings.updates(); epoch++) {
        update = epoch(epoch, update);
        if (stops) {
          GradientProbe now = probe(update);
          double accuracy = balancedAccuracy(now);
          if (accuracy > most) {
            most = accuracy;
            best = now;
          } else if (update - best.updates() >= settings.patience() * settings.updates()) {
            return best;
          }
        }
      }
      return stops ? best : probe(update);
    }

    private long epoch(int epoch, long before) {
      int[] order = order(epoch);
      long update = before;
      for (int from = 0; from < order.length && update < settings.updates(); update++) {
        int to = Math.min(order.length, from + settings.batch());
        double[][] vectors = new double[to - from][];
        int[] labels = new int[to - from];
        double[] each = new double[to - from];
        for (int i = from; i < to; i++) {
          vectors[i - from] = rows.vectors()[order[i]];
          labels[i - from] = rows.classes()[order[i]];
          each[i - from] = rows.weights()[order[i]];
        }
        step(vectors, labels, each, update + 1, settings.rate(epoch, update));
        from = to;
      }
      return update;
    }

    private void step(double[][] vectors, int[] labels, double[] each, long number, double rate) {
      int width = vectors[0].length;
      double[] gradient = new double[weights.length];
      double share = 1 / Arrays.stream(each).sum();
      new LogisticObjective(vectors, labels, each, width, rows.count(), 0, share)
          .at(weights, gradient);
      double firstBias = 1 - Math.pow(FIRST_MOMENT, (double) number);
      double secondBias = 1 - Math.pow(SECOND_MOMENT, (double) number);
      int matrix = rows.count() * width;
      for (int i = 0; i < weights.length; i++) {
        first[i] = FIRST_MOMENT * first[i] + (1 - FIRST_MOMENT) * gradient[i];
        second[i] = SECOND_MOMENT * second[i] + (1 - SECOND_MOMENT) * gradient[i] * gradient[i];
        boolean decays = i < matrix || settings.course() == Course.COSINE;
        double decay = decays ? rate * settings.weightDecay() : 0;
        weights[i] -= decay * weights[i];
        weights[i] -= rate * (first[i] / firstBias) / (Math.sqrt(second[i] / secondBias) + EPSILON);
      }
    }

    private int[] order(int epoch) {
      RandomStream random = key.stream(Purpose.PROBE_ORDER, epoch, 2 + run);
      int[] order = new int[rows.classes().length];
      for (int i = 0; i < order.length; i++) {
        int other = random.nextInt(i + 1);
        order[i] = order[other];
        order[other] = i;
      }
      return order;
    }

    private GradientProbe probe(long updates) {
      return new GradientProbe(weights.clone(), rows.count(), updates);
    }

    private double balancedAccuracy(GradientProbe probe) {
      int[] predicted =
          Arrays.stream(validation.vectors())
              .map(probe::scores)
              .mapToInt(LabelScores::largest)
              .toArray();
      return ConfusionMatrix.of(validation.labels(), predicted, rows.count()).balancedAccuracy();
    }
  }
}
