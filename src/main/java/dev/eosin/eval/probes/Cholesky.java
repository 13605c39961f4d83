package dev.eosin.eval.probes;

import java.util.Optional;

/// `A = L L^T` of a symmetric positive definite matrix, by which equations are solved.
///
/// L is kept by rows and by columns, so that both directions of a solution add multiples of vectors
/// that lie together.
final class Cholesky {
  private final double[][] rows;
  private final double[][] columns;

  private Cholesky(double[][] rows, double[][] columns) {
    this.rows = rows;
    this.columns = columns;
  }

  /// Factors a matrix.
  ///
  /// @param matrix [n][n], of which what is on and below the diagonal counts; not changed
  /// @return empty where it is not positive definite
  static Optional<Cholesky> of(double[][] matrix) {
    int n = matrix.length;
    // Column i of what is left, from the diagonal on, at its own places.
    double[][] columns = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        columns[i][j] = matrix[j][i];
      }
    }
    for (int i = 0; i < n; i++) {
      double[] own = columns[i];
      if (!(own[i] > 0)) {
        return Optional.empty();
      }
      double root = Math.sqrt(own[i]);
      for (int j = i; j < n; j++) {
        own[j] /= root;
      }
      for (int k = i + 1; k < n; k++) {
        subtract(columns[k], own[k], own, k, n);
      }
    }
    double[][] rows = new double[n][];
    for (int i = 0; i < n; i++) {
      rows[i] = new double[i + 1];
      for (int j = 0; j <= i; j++) {
        rows[i][j] = columns[j][i];
      }
    }
    return Optional.of(new Cholesky(rows, columns));
  }

  private static void subtract(double[] from, double factor, double[] what, int first, int end) {
    for (int j = first; j < end; j++) {
      from[j] -= factor * what[j];
    }
  }

  /// Solves `A x = b` in place.
  ///
  /// @param b [n]
  void solve(double[] b) {
    for (int i = 0; i < b.length; i++) {
      b[i] /= columns[i][i];
      subtract(b, b[i], columns[i], i + 1, b.length);
    }
    for (int i = b.length - 1; i >= 0; i--) {
      b[i] /= rows[i][i];
      subtract(b, b[i], rows[i], 0, i);
    }
  }
}
