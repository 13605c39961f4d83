package dev.eosin.mining;

import dev.eosin.eval.embeddings.UnitVectors;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/// Clusters of points by Lloyd's algorithm, from centres that k-means++ chose.
///
/// Source: Lloyd 1982; Arthur and Vassilvitskii 2007. A cluster that nothing belongs to gets the
/// point that is farthest from its centre, as scikit-learn does.
///
/// @param centres [k,e]
/// @param labels [n] the nearest centre of each point
/// @param squares [n] the squared distance to it
/// @param rounds until nothing changed, or the most
@SuppressWarnings("ArrayRecordComponent") // read-only results: identity equality is meant
record KMeans(float[][] centres, int[] labels, double[] squares, int rounds) {
  /// @param points [n,e]
  /// @param k clusters, at most n
  /// @param most rounds
  static KMeans of(float[][] points, int k, int most, RandomGenerator random) {
    return from(points, spread(points, k, random), most);
  }

  /// Centres that are points far from each other: each is drawn by its squared distance to those
  /// before.
  private static float[][] spread(float[][] points, int k, RandomGenerator random) {
    float[][] centres = new float[k][];
    double[] squares = new double[points.length];
    Arrays.fill(squares, 1);
    for (int i = 0; i < k; i++) {
      int chosen = drawn(squares, random);
      centres[i] = points[chosen].clone();
      for (int row = 0; row < points.length; row++) {
        double square = square(points[row], centres[i]);
        squares[row] = i == 0 ? square : Math.min(squares[row], square);
      }
    }
    return centres;
  }

  private static int drawn(double[] weights, RandomGenerator random) {
    double sum = Arrays.stream(weights).sum();
    double place = random.nextDouble() * sum;
    for (int i = 0; i < weights.length; i++) {
      place -= weights[i];
      if (place < 0) {
        return i;
      }
    }
    return random.nextInt(weights.length); // all points are equal
  }

  private static double square(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      sum += difference * difference;
    }
    return sum;
  }

  /// From given centres, which stay as they are.
  static KMeans from(float[][] points, float[][] first, int most) {
    float[][] centres = Arrays.stream(first).map(float[]::clone).toArray(float[][]::new);
    int[] labels = new int[points.length];
    double[] squares = new double[points.length];
    Arrays.fill(labels, -1);
    int rounds = 0;
    boolean moved = true;
    while (moved && rounds < most) {
      moved = assign(points, centres, labels, squares);
      if (moved) {
        centres = means(points, labels, squares, centres);
        rounds++;
      }
    }
    assign(points, centres, labels, squares);
    return new KMeans(centres, labels, squares, rounds);
  }

  private static boolean assign(
      float[][] points, float[][] centres, int[] labels, double[] squares) {
    double[] halves = new double[centres.length];
    Arrays.setAll(halves, i -> UnitVectors.dot(centres[i], centres[i]) / 2);
    boolean moved = false;
    for (int row = 0; row < points.length; row++) {
      int best = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < centres.length; i++) {
        double score = UnitVectors.dot(points[row], centres[i]) - halves[i];
        if (score > most) {
          most = score;
          best = i;
        }
      }
      moved |= labels[row] != best;
      labels[row] = best;
      squares[row] = square(points[row], centres[best]);
    }
    return moved;
  }

  private static float[][] means(
      float[][] points, int[] labels, double[] squares, float[][] before) {
    int width = points[0].length;
    double[][] sums = new double[before.length][width];
    int[] counts = new int[before.length];
    for (int row = 0; row < points.length; row++) {
      add(points[row], 1, sums[labels[row]]);
      counts[labels[row]]++;
    }
    double[] far = squares.clone();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] == 0) {
        int row = farthest(far);
        far[row] = -1;
        add(points[row], -1, sums[labels[row]]);
        counts[labels[row]]--;
        add(points[row], 1, sums[i]);
        counts[i]++;
      }
    }
    float[][] centres = new float[before.length][width];
    for (int i = 0; i < centres.length; i++) {
      for (int j = 0; j < width; j++) {
        centres[i][j] = counts[i] == 0 ? before[i][j] : (float) (sums[i][j] / counts[i]);
      }
    }
    return centres;
  }

  private static void add(float[] point, int sign, double[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += sign * point[i];
    }
  }

  private static int farthest(double[] squares) {
    int best = 0;
    for (int i = 1; i < squares.length; i++) {
      best = squares[i] > squares[best] ? i : best;
    }
    return best;
  }

  /// The sum of squared distances.
  double inertia() {
    return Arrays.stream(squares).sum();
  }
}
