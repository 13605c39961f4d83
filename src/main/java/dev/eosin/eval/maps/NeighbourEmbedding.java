package dev.eosin.eval.maps;

import java.util.Arrays;
import java.util.stream.IntStream;

/// t-SNE (van der Maaten and Hinton 2008) on a plane, with the exact sums over all pairs: points
/// that are near each other stay so, distances between far ones mean little. It begins at the two
/// principal components with a standard deviation of 1e-4, as scikit-learn's `init="pca"`; 250
/// steps exaggerate attraction 12 times at momentum 0.5, the others follow at 0.8, from rest and
/// with gains of 1 again; the rate is max(n / 48, 50). Every sum is in the order of the points,
/// whatever the number of threads.
public final class NeighbourEmbedding {
  /// Beyond it, exact sums take too long: four times the points take sixteen times as long.
  public static final int MOST = 1500;

  static final int STEPS = 1000;
  private static final int EXAGGERATED = 250;
  private static final double EXAGGERATION = 12;
  private static final double LEAST_GAIN = 0.01;
  private static final double FIRST_SPREAD = 1e-4;

  private final double[][] affinities;
  private final double[][] places;
  private final double[][] moved;
  private final double[][] gains;

  private NeighbourEmbedding(double[][] affinities, double[][] places) {
    this.affinities = affinities;
    this.places = places;
    this.moved = new double[places.length][2];
    this.gains = new double[places.length][2];
    rest();
  }

  /// Stops all points. What exaggeration made of their speeds and gains says nothing of the forces
  /// after it, and would throw them into a worse valley.
  private void rest() {
    Arrays.stream(moved).forEach(each -> Arrays.fill(each, 0));
    Arrays.stream(gains).forEach(each -> Arrays.fill(each, 1));
  }

  /// Places points.
  ///
  /// @param vectors `[n][d]`, at least 4 and at most [#MOST]
  /// @param first where they begin, such as at two principal components [n][2]
  /// @param perplexity how many neighbours matter to a point, below (n - 1) / 3
  /// @return [n][2]
  /// @throws IllegalArgumentException for other numbers of points, or too large a perplexity
  public static double[][] of(double[][] vectors, double[][] first, double perplexity) {
    int count = vectors.length;
    if (count < 4 || count > MOST || perplexity >= (count - 1) / 3.0 + 1e-9) {
      throw new IllegalArgumentException(
          "%d points with a perplexity of %s".formatted(count, perplexity));
    }
    var embedding = new NeighbourEmbedding(affinities(vectors, perplexity), begun(first));
    double rate = Math.max(count / EXAGGERATION / 4, 50);
    for (int step = 0; step < STEPS; step++) {
      boolean early = step < EXAGGERATED;
      if (step == EXAGGERATED) {
        embedding.rest();
      }
      embedding.step(rate, early ? EXAGGERATION : 1, early ? 0.5 : 0.8);
    }
    return embedding.places;
  }

  private static double[][] begun(double[][] first) {
    double squares = 0;
    double mean = 0;
    for (double[] place : first) {
      mean += place[0] / first.length;
    }
    for (double[] place : first) {
      squares += (place[0] - mean) * (place[0] - mean);
    }
    double deviation = Math.sqrt(squares / first.length);
    double scale = deviation > 0 ? FIRST_SPREAD / deviation : 0;
    return Arrays.stream(first)
        .map(place -> new double[] {scale * place[0], scale * place[1]})
        .toArray(double[][]::new);
  }

  /// Of each pair: symmetric, 1 together.
  static double[][] affinities(double[][] vectors, double perplexity) {
    int count = vectors.length;
    double[][] given =
        IntStream.range(0, count)
            .parallel()
            .mapToObj(row -> Neighbourhood.of(vectors, row, perplexity))
            .toArray(double[][]::new);
    double[][] joint = new double[count][count];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        joint[i][j] = Math.max((given[i][j] + given[j][i]) / (2.0 * count), 1e-300);
      }
    }
    return joint;
  }

  private void step(double rate, double exaggeration, double momentum) {
    int count = places.length;
    double[] near = new double[count];
    double[][] forces = new double[count][];
    IntStream.range(0, count).parallel().forEach(i -> forces[i] = forces(i, exaggeration, near));
    double all = 0;
    for (double each : near) {
      all += each;
    }
    for (int i = 0; i < count; i++) {
      for (int axis = 0; axis < 2; axis++) {
        double gradient = 4 * (forces[i][axis] - forces[i][2 + axis] / all);
        boolean onward = gradient * moved[i][axis] < 0;
        double gain = onward ? gains[i][axis] + 0.2 : gains[i][axis] * 0.8;
        gains[i][axis] = Math.max(LEAST_GAIN, gain);
        moved[i][axis] = momentum * moved[i][axis] - rate * gains[i][axis] * gradient;
      }
    }
    for (int i = 0; i < count; i++) {
      places[i][0] += moved[i][0];
      places[i][1] += moved[i][1];
    }
    centre();
  }

  /// What draws a point to the others, and what drives it from them but for the common divisor.
  private double[] forces(int i, double exaggeration, double[] near) {
    double[] force = new double[4];
    double sum = 0;
    double[] own = places[i];
    for (int j = 0; j < places.length; j++) {
      if (j == i) {
        continue;
      }
      double x = own[0] - places[j][0];
      double y = own[1] - places[j][1];
      double weight = 1 / (1 + x * x + y * y);
      sum += weight;
      double draws = exaggeration * affinities[i][j] * weight;
      force[0] += draws * x;
      force[1] += draws * y;
      force[2] += weight * weight * x;
      force[3] += weight * weight * y;
    }
    near[i] = sum;
    return force;
  }

  private void centre() {
    double x = 0;
    double y = 0;
    for (double[] place : places) {
      x += place[0] / places.length;
      y += place[1] / places.length;
    }
    for (double[] place : places) {
      place[0] -= x;
      place[1] -= y;
    }
  }
}
