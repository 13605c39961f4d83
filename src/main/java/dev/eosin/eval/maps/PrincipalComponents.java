package dev.eosin.eval.maps;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.util.Arrays;
import java.util.stream.IntStream;

/// The directions in which vectors differ most, by subspace iteration; as scikit-learn's PCA, with
/// the sign that makes the largest component of a direction positive.
///
/// @param mean `[d]`
/// @param directions of length 1, the most important first `[k][d]`
/// @param variances along them, n - 1 in the denominator `[k]`
/// @param total variance of all directions
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record PrincipalComponents(
    double[] mean, double[][] directions, double[] variances, double total) {
  private static final int ITERATIONS = 300;
  private static final double TOLERANCE = 1e-12;

  /// More directions than are asked for make the asked ones converge sooner.
  private static final int SPARE = 8;

  /// Of vectors.
  ///
  /// @param vectors `[n][d]`, at least two
  /// @param count of directions that are wanted; as many as there are at most
  /// @param key draws the directions that it begins with
  public static PrincipalComponents of(double[][] vectors, int count, RandomKey key) {
    int width = vectors[0].length;
    double[] mean = new double[width];
    for (double[] vector : vectors) {
      for (int i = 0; i < width; i++) {
        mean[i] += vector[i] / vectors.length;
      }
    }
    double[][] covariance = covariance(vectors, mean);
    int block = Math.min(width, count + SPARE);
    double[][] basis = new double[block][width];
    RandomStream random = key.stream(RandomKey.Purpose.EMBEDDING_MAP, 0, 0);
    for (double[] direction : basis) {
      Arrays.setAll(direction, i -> random.nextDouble() - 0.5);
    }
    orthonormalise(basis);
    double[] before = new double[block];
    for (int i = 0; i < ITERATIONS; i++) {
      double[] values = iterate(basis, covariance);
      boolean settled = true;
      for (int k = 0; k < Math.min(count, block); k++) {
        settled &= Math.abs(values[k] - before[k]) <= TOLERANCE * Math.abs(values[0]);
      }
      before = values;
      if (settled && i > 2) {
        break;
      }
    }
    double total = IntStream.range(0, width).mapToDouble(i -> covariance[i][i]).sum();
    int kept = Math.min(count, block);
    double[][] directions = Arrays.copyOf(basis, kept);
    for (double[] direction : directions) {
      sign(direction);
    }
    return new PrincipalComponents(mean, directions, Arrays.copyOf(before, kept), total);
  }

  private static double[][] covariance(double[][] vectors, double[] mean) {
    int width = mean.length;
    double[][] covariance = new double[width][width];
    IntStream.range(0, width)
        .parallel()
        .forEach(
            i -> {
              for (double[] vector : vectors) {
                double own = vector[i] - mean[i];
                for (int j = 0; j <= i; j++) {
                  covariance[i][j] += own * (vector[j] - mean[j]);
                }
              }
            });
    for (int i = 0; i < width; i++) {
      for (int j = 0; j <= i; j++) {
        covariance[i][j] /= vectors.length - 1;
        covariance[j][i] = covariance[i][j];
      }
    }
    return covariance;
  }

  /// Multiplies the basis with the covariance, turns it to its own axes and sorts these.
  ///
  /// @return the variances along them, falling
  private static double[] iterate(double[][] basis, double[][] covariance) {
    double[][] product = times(basis, covariance);
    int block = basis.length;
    for (int k = 0; k < block; k++) {
      System.arraycopy(product[k], 0, basis[k], 0, product[k].length);
    }
    orthonormalise(basis);
    double[][] again = times(basis, covariance);
    double[][] small = new double[block][block];
    for (int i = 0; i < block; i++) {
      for (int j = 0; j < block; j++) {
        small[i][j] = dot(basis[i], again[j]);
      }
    }
    SymmetricAxes axes = SymmetricAxes.of(small);
    double[][] turned = new double[block][basis[0].length];
    for (int k = 0; k < block; k++) {
      for (int i = 0; i < block; i++) {
        add(turned[k], axes.vectors()[k][i], basis[i]);
      }
    }
    for (int k = 0; k < block; k++) {
      basis[k] = turned[k];
    }
    return axes.values();
  }

  private static double[][] times(double[][] basis, double[][] covariance) {
    return Arrays.stream(basis)
        .parallel()
        .map(
            direction ->
                IntStream.range(0, covariance.length)
                    .mapToDouble(row -> dot(covariance[row], direction))
                    .toArray())
        .toArray(double[][]::new);
  }

  /// Gram and Schmidt's, twice for the digits; what is left without length becomes 0.
  private static void orthonormalise(double[][] basis) {
    for (int k = 0; k < basis.length; k++) {
      double whole = Math.sqrt(dot(basis[k], basis[k]));
      for (int pass = 0; pass < 2; pass++) {
        for (int other = 0; other < k; other++) {
          add(basis[k], -dot(basis[k], basis[other]), basis[other]);
        }
      }
      double length = Math.sqrt(dot(basis[k], basis[k]));
      double scale = length > TOLERANCE * whole ? 1 / length : 0;
      for (int i = 0; i < basis[k].length; i++) {
        basis[k][i] *= scale;
      }
    }
  }

  private static void sign(double[] direction) {
    double largest = 0;
    for (double each : direction) {
      largest = Math.abs(each) > Math.abs(largest) ? each : largest;
    }
    if (largest < 0) {
      for (int i = 0; i < direction.length; i++) {
        direction[i] = -direction[i];
      }
    }
  }

  static double dot(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * other[i];
    }
    return sum;
  }

  private static void add(double[] to, double scale, double[] what) {
    for (int i = 0; i < to.length; i++) {
      to[i] += scale * what[i];
    }
  }

  /// Where vectors lie along the directions `[n][k]`.
  public double[][] applied(double[][] vectors) {
    double[][] placed = new double[vectors.length][directions.length];
    for (int row = 0; row < vectors.length; row++) {
      double[] centred = vectors[row].clone();
      add(centred, -1, mean);
      for (int k = 0; k < directions.length; k++) {
        placed[row][k] = dot(centred, directions[k]);
      }
    }
    return placed;
  }

  /// The share of the variance along a direction; 0 where all vectors are equal.
  public double share(int direction) {
    return total > 0 ? variances[direction] / total : 0;
  }
}
