package dev.eosin.eval.probes;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Classifies by the k rows of largest cosine among those that are known; the first of equals.
public final class NearestNeighbours {
  /// Divides cosines before the exponential, as DINO's k-NN has it (Caron et al. 2021).
  public static final double TEMPERATURE = 0.07;

  private final double[][] known;
  private final int[] classes;
  private final int count;

  /// How much a neighbour's vote weighs.
  public enum Votes {
    /// Every one the same.
    UNIFORM {
      @Override
      double weight(double cosine) {
        return 1;
      }
    },
    /// One through the distance, 1 less the cosine; neighbours at no distance take all.
    DISTANCE {
      @Override
      double weight(double cosine) {
        return cosine >= 1 ? Double.POSITIVE_INFINITY : 1 / (1 - cosine);
      }
    },
    /// The exponential of the cosine divided by [#TEMPERATURE].
    SOFTMAX {
      @Override
      double weight(double cosine) {
        return Math.exp(cosine / TEMPERATURE);
      }
    };

    abstract double weight(double cosine);
  }

  /// @param known vectors [n][c] of any length but 0
  /// @param classes of them [n]
  /// @param count of classes
  public NearestNeighbours(double[][] known, int[] classes, int count) {
    this.known = Arrays.stream(known).map(NearestNeighbours::unit).toArray(double[][]::new);
    this.classes = classes.clone();
    this.count = count;
  }

  static double[] unit(double[] vector) {
    double norm = Math.sqrt(LogisticRegression.dot(vector, 0, vector));
    return norm == 0 ? vector.clone() : Arrays.stream(vector).map(x -> x / norm).toArray();
  }

  /// Shares of the votes, for each number of neighbours and way of voting.
  ///
  /// @param asked vectors [m][c]
  /// @param k numbers of neighbours; all rows count where there are fewer
  /// @return [k][m][classes]; the class with most votes is predicted, the first of equals
  public double[][][] shares(double[][] asked, int[] k, Votes votes) {
    double[][][] shares = new double[k.length][asked.length][];
    IntStream.range(0, asked.length)
        .parallel()
        .forEach(
            row -> {
              double[] cosines = cosines(asked[row]);
              int most = Math.min(Arrays.stream(k).max().orElse(0), cosines.length);
              int[] nearest = nearest(cosines, most);
              for (int i = 0; i < k.length; i++) {
                int of = Math.min(k[i], most);
                shares[i][row] = shares(cosines, Arrays.copyOf(nearest, of), votes);
              }
            });
    return shares;
  }

  private double[] cosines(double[] vector) {
    double[] unit = unit(vector);
    double[] cosines = new double[known.length];
    for (int i = 0; i < cosines.length; i++) {
      cosines[i] = LogisticRegression.dot(known[i], 0, unit);
    }
    return cosines;
  }

  /// The places of the largest, falling.
  private static int[] nearest(double[] cosines, int most) {
    return IntStream.range(0, cosines.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -cosines[i]).thenComparing(i -> i))
        .limit(most)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private double[] shares(double[] cosines, int[] nearest, Votes votes) {
    double[] shares = new double[count];
    boolean same =
        Arrays.stream(nearest).anyMatch(i -> Double.isInfinite(votes.weight(cosines[i])));
    double sum = 0;
    for (int i : nearest) {
      double weight = votes.weight(cosines[i]);
      double vote = same ? Double.isInfinite(weight) ? 1 : 0 : weight;
      shares[classes[i]] += vote;
      sum += vote;
    }
    for (int label = 0; label < count; label++) {
      shares[label] /= sum;
    }
    return shares;
  }
}
