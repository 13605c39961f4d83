package dev.eosin.eval.maps;

import java.util.Arrays;

/// How near all points are to one of them, for t-SNE: a bell curve as wide as makes the asked
/// number of neighbours matter.
final class Neighbourhood {
  private static final int HALVINGS = 100;
  private static final double TOLERANCE = 1e-5;

  private Neighbourhood() {}

  /// @param perplexity 2 to the entropy that is wanted
  /// @return shares of the other points, 1 together; 0 of itself [n]
  static double[] of(double[][] vectors, int row, double perplexity) {
    double[] squares = new double[vectors.length];
    double nearest = Double.POSITIVE_INFINITY;
    for (int other = 0; other < squares.length; other++) {
      double sum = 0;
      for (int i = 0; i < vectors[row].length; i++) {
        double difference = vectors[row][i] - vectors[other][i];
        sum += difference * difference;
      }
      squares[other] = sum;
      nearest = other == row ? nearest : Math.min(nearest, sum);
    }
    double wanted = StrictMath.log(perplexity);
    double precision = 1;
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double[] shares = new double[squares.length];
    for (int halving = 0; halving < HALVINGS; halving++) {
      double entropy = shares(squares, row, nearest, precision, shares);
      if (Math.abs(entropy - wanted) <= TOLERANCE) {
        break;
      }
      if (entropy > wanted) {
        low = precision;
        precision = Double.isInfinite(high) ? 2 * precision : (precision + high) / 2;
      } else {
        high = precision;
        precision = (precision + low) / 2;
      }
    }
    return shares;
  }

  /// @return their entropy
  private static double shares(
      double[] squares, int row, double nearest, double precision, double[] shares) {
    double sum = 0;
    double weighted = 0;
    for (int other = 0; other < squares.length; other++) {
      // Distances beyond the nearest alone decide, and never underflow all together.
      double beyond = squares[other] - nearest;
      shares[other] = other == row ? 0 : StrictMath.exp(-precision * beyond);
      sum += shares[other];
      weighted += shares[other] * beyond;
    }
    double all = sum;
    Arrays.setAll(shares, other -> shares[other] / all);
    return StrictMath.log(sum) + precision * weighted / sum;
  }
}
