package dev.eosin.eval.probes;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Classifies by the k rows of largest cosine among those that are known; the first of equals.
public final class NearestNeighbours {
  /// Divides cosines before the exponential, as DINO's k-NN has it (Caron et al. 2021).
  public static final double TEMPERATURE = 0.07;

  /// Of equal directions the cosine is 1 but for rounding.
  private static final double SAME = 1 - 1e-14;

  private static final int BLOCK = 256;
  private static final int TOGETHER = 16;
  private static final int[] NO_GROUPS = {};

  /// Blocks of known rows, feature by feature [blocks][c][BLOCK]: cosines of a block are sums of
  /// vectors then, which a compiler may spread over lanes.
  private final double[][][] known;

  private final int rows;
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
        return cosine >= SAME ? Double.POSITIVE_INFINITY : 1 / (1 - cosine);
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

  /// @param vectors that are known `[n][c]`, of any length but 0
  /// @param classes of them `[n]`
  /// @param count of classes
  public NearestNeighbours(double[][] vectors, int[] classes, int count) {
    this.rows = vectors.length;
    this.classes = classes.clone();
    this.count = count;
    int width = vectors[0].length;
    this.known = new double[Math.ceilDiv(rows, BLOCK)][width][BLOCK];
    for (int row = 0; row < rows; row++) {
      double[] unit = unit(vectors[row]);
      double[][] block = known[row / BLOCK];
      for (int i = 0; i < width; i++) {
        block[i][row % BLOCK] = unit[i];
      }
    }
  }

  static double[] unit(double[] vector) {
    double norm = Math.sqrt(LogisticRegression.dot(vector, 0, vector));
    return norm == 0 ? vector.clone() : Arrays.stream(vector).map(x -> x / norm).toArray();
  }

  /// The places of the nearest rows of other groups, the nearest first. Memory holds `most` places
  /// a row, however large a group is.
  ///
  /// @param asked vectors `[m][c]`
  /// @param groups of them, by number from 0 `[m]`
  /// @param groupsOfKnown the same of the rows that are known `[n]`
  /// @param most of them; fewer where other groups have fewer rows
  /// @return `[m]`, each of at most `most`
  public int[][] places(double[][] asked, int[] groups, int[] groupsOfKnown, int most) {
    int[][] places = new int[asked.length][];
    IntStream.range(0, Math.ceilDiv(asked.length, TOGETHER))
        .parallel()
        .forEach(
            part -> {
              int from = part * TOGETHER;
              int[] own =
                  Arrays.copyOfRange(groups, from, Math.min(from + TOGETHER, groups.length));
              Nearest[] nearest = nearest(asked, from, Math.min(most, rows), own, groupsOfKnown);
              for (int row = 0; row < nearest.length; row++) {
                places[from + row] = Arrays.copyOf(nearest[row].places, nearest[row].found);
              }
            });
    return places;
  }

  /// Shares of the votes, for each number of neighbours and way of voting.
  ///
  /// @param asked vectors `[m][c]`
  /// @param k numbers of neighbours; all rows count where there are fewer
  /// @return `[k][m][classes]`; the class with most votes is predicted, the first of equals
  public double[][][] shares(double[][] asked, int[] k, Votes votes) {
    double[][][] shares = new double[k.length][asked.length][];
    int most = Math.min(Arrays.stream(k).max().orElse(0), rows);
    IntStream.range(0, Math.ceilDiv(asked.length, TOGETHER))
        .parallel()
        .forEach(
            part -> {
              int from = part * TOGETHER;
              Nearest[] nearest = nearest(asked, from, most, NO_GROUPS, NO_GROUPS);
              for (int row = 0; row < nearest.length; row++) {
                for (int i = 0; i < k.length; i++) {
                  shares[i][from + row] = shares(nearest[row], Math.min(k[i], most), votes);
                }
              }
            });
    return shares;
  }

  /// The largest cosines so far, falling, the first of equals first.
  private static final class Nearest {
    private final double[] cosines;
    private final int[] places;
    private int found;

    Nearest(int most) {
      cosines = new double[most];
      places = new int[most];
    }

    /// Places come in rising order, so that of equals the later stays behind.
    void add(double cosine, int place) {
      if (found == cosines.length && cosine <= cosines[found - 1]) {
        return;
      }
      int at = found < cosines.length ? found++ : found - 1;
      for (; at > 0 && cosines[at - 1] < cosine; at--) {
        cosines[at] = cosines[at - 1];
        places[at] = places[at - 1];
      }
      cosines[at] = cosine;
      places[at] = place;
    }
  }

  /// @param own groups of those that are asked, whose rows are passed over; none for all rows
  private Nearest[] nearest(double[][] asked, int from, int most, int[] own, int[] groups) {
    int together = Math.min(TOGETHER, asked.length - from);
    Nearest[] nearest = new Nearest[together];
    double[][] units = new double[together][];
    for (int row = 0; row < together; row++) {
      nearest[row] = new Nearest(most);
      units[row] = unit(asked[from + row]);
    }
    double[] cosines = new double[BLOCK];
    for (int block = 0; block < known.length; block++) {
      int held = Math.min(BLOCK, rows - block * BLOCK);
      for (int row = 0; row < together; row++) {
        Arrays.fill(cosines, 0);
        add(cosines, known[block], units[row]);
        for (int i = 0; i < held; i++) {
          int place = block * BLOCK + i;
          if (own.length == 0 || groups[place] != own[row]) {
            nearest[row].add(cosines[i], place);
          }
        }
      }
    }
    return nearest;
  }

  private static void add(double[] cosines, double[][] block, double[] unit) {
    int i = 0;
    for (; i + 3 < unit.length; i += 4) {
      double[] a = block[i];
      double[] b = block[i + 1];
      double[] c = block[i + 2];
      double[] d = block[i + 3];
      double wa = unit[i];
      double wb = unit[i + 1];
      double wc = unit[i + 2];
      double wd = unit[i + 3];
      for (int r = 0; r < cosines.length; r++) {
        cosines[r] += wa * a[r] + wb * b[r] + (wc * c[r] + wd * d[r]);
      }
    }
    for (; i < unit.length; i++) {
      double[] a = block[i];
      double wa = unit[i];
      for (int r = 0; r < cosines.length; r++) {
        cosines[r] += wa * a[r];
      }
    }
  }

  private double[] shares(Nearest nearest, int k, Votes votes) {
    double[] shares = new double[count];
    double[] weights = new double[k];
    boolean same = false;
    for (int i = 0; i < k; i++) {
      weights[i] = votes.weight(nearest.cosines[i]);
      same |= Double.isInfinite(weights[i]);
    }
    double sum = 0;
    for (int i = 0; i < k; i++) {
      double vote = same ? Double.isInfinite(weights[i]) ? 1 : 0 : weights[i];
      shares[classes[nearest.places[i]]] += vote;
      sum += vote;
    }
    for (int label = 0; label < count; label++) {
      shares[label] /= sum;
    }
    return shares;
  }
}
