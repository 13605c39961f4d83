package dev.eosin.eval.probes;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/// The weighted squares of some rows' features and of a 1 behind them, from which the curvature of
/// a loss that is linear in the features is guessed. A guess is all that is needed: it decides how
/// many steps a fit takes, not where it ends.
final class Curvature {
  private static final int ROWS_PER_COLUMN = 4;
  private static final int PIECES = 8;

  /// Above it, factoring the matrix costs more than the steps that it saves.
  private static final int MOST_COLUMNS = 2048;

  /// Of the mean of the diagonal: keeps an intercept's curvature above rounding.
  private static final double LEAST = 1e-10;

  private final double[][] squares;

  private Curvature(double[][] squares) {
    this.squares = squares;
  }

  /// @param vectors [n][c]
  /// @param weights [n]
  /// @return empty where rows are too few or features too many for it to be worth its time
  static Optional<Curvature> of(double[][] vectors, double[] weights) {
    int n = vectors.length;
    int size = vectors[0].length + 1;
    if (n < 2 * size || size > MOST_COLUMNS) {
      return Optional.empty();
    }
    // Every so many rows, since rows are often sorted by class.
    int stride = Math.max(1, n / (ROWS_PER_COLUMN * size));
    int[] chosen = IntStream.iterate(0, row -> row < n, row -> row + stride).toArray();
    int piece = Math.ceilDiv(chosen.length, PIECES);
    double[][][] parts =
        IntStream.range(0, Math.ceilDiv(chosen.length, piece))
            .parallel()
            .mapToObj(
                i ->
                    squares(
                        vectors,
                        weights,
                        chosen,
                        i * piece,
                        Math.min(chosen.length, (i + 1) * piece)))
            .toArray(double[][][]::new);
    double[][] sum = parts[0];
    for (int part = 1; part < parts.length; part++) {
      for (int i = 0; i < size; i++) {
        for (int j = 0; j <= i; j++) {
          sum[i][j] += parts[part][i][j];
        }
      }
    }
    double more = (double) n / chosen.length;
    for (double[] row : sum) {
      for (int j = 0; j < row.length; j++) {
        row[j] *= more;
      }
    }
    return Optional.of(new Curvature(sum));
  }

  private static double[][] squares(
      double[][] vectors, double[] weights, int[] chosen, int from, int to) {
    int size = vectors[0].length + 1;
    double[][] squares = new double[size][size];
    double[][] four = new double[4][size];
    for (int first = from; first < to; first += four.length) {
      for (int i = 0; i < four.length; i++) {
        if (first + i >= to) {
          Arrays.fill(four[i], 0);
          continue;
        }
        int row = chosen[first + i];
        double root = Math.sqrt(weights[row]);
        for (int j = 0; j < size - 1; j++) {
          four[i][j] = root * vectors[row][j];
        }
        four[i][size - 1] = root;
      }
      for (int i = 0; i < size; i++) {
        add(squares[i], i + 1, four, i);
      }
    }
    return squares;
  }

  private static void add(double[] sums, int count, double[][] four, int of) {
    double[] a = four[0];
    double[] b = four[1];
    double[] c = four[2];
    double[] d = four[3];
    double wa = a[of];
    double wb = b[of];
    double wc = c[of];
    double wd = d[of];
    for (int j = 0; j < count; j++) {
      sums[j] += wa * a[j] + wb * b[j] + (wc * c[j] + wd * d[j]);
    }
  }

  /// For points of `outputs` rows of features, then as many intercepts, which have no penalty.
  ///
  /// @param scale of the squares
  /// @param penalty added for each feature
  Lbfgs.Preconditioner preconditioner(double scale, double penalty, int outputs) {
    int size = squares.length;
    double[][] matrix = new double[size][size];
    double trace = 0;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j <= i; j++) {
        matrix[i][j] = scale * squares[i][j];
      }
      trace += matrix[i][i];
    }
    for (int i = 0; i < size; i++) {
      matrix[i][i] += (i < size - 1 ? penalty : 0) + LEAST * trace / size;
    }
    return Cholesky.of(matrix)
        .map(factored -> of(factored, size - 1, outputs))
        .orElse(Lbfgs.Preconditioner.none());
  }

  private static Lbfgs.Preconditioner of(Cholesky factored, int width, int outputs) {
    return vector ->
        IntStream.range(0, outputs)
            .parallel()
            .forEach(
                k -> {
                  double[] one = new double[width + 1];
                  System.arraycopy(vector, k * width, one, 0, width);
                  one[width] = vector[outputs * width + k];
                  factored.solve(one);
                  System.arraycopy(one, 0, vector, k * width, width);
                  vector[outputs * width + k] = one[width];
                });
  }
}
