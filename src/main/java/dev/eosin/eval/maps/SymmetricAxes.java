package dev.eosin.eval.maps;

import java.util.Arrays;
import java.util.Comparator;

/// Eigenvectors of a small symmetric matrix by Jacobi's rotations.
///
/// @param values falling [n]
/// @param vectors of length 1, one for each value [n][n]
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record SymmetricAxes(double[] values, double[][] vectors) {
  private static final int SWEEPS = 60;

  /// @param matrix symmetric [n][n]
  static SymmetricAxes of(double[][] matrix) {
    int size = matrix.length;
    double[][] left = Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
    double[][] axes = new double[size][size];
    for (int i = 0; i < size; i++) {
      axes[i][i] = 1;
    }
    for (int sweep = 0; sweep < SWEEPS && outside(left) > 0; sweep++) {
      for (int p = 0; p < size; p++) {
        for (int q = p + 1; q < size; q++) {
          rotate(left, axes, p, q);
        }
      }
    }
    Integer[] order = new Integer[size];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble((Integer i) -> left[i][i]).reversed());
    double[] values = new double[size];
    double[][] vectors = new double[size][];
    for (int i = 0; i < size; i++) {
      values[i] = left[order[i]][order[i]];
      vectors[i] = axes[order[i]];
    }
    return new SymmetricAxes(values, vectors);
  }

  /// The squares outside the diagonal, as far as they matter beside it.
  private static double outside(double[][] matrix) {
    double outside = 0;
    double inside = 0;
    for (int i = 0; i < matrix.length; i++) {
      inside += matrix[i][i] * matrix[i][i];
      for (int j = i + 1; j < matrix.length; j++) {
        outside += matrix[i][j] * matrix[i][j];
      }
    }
    return outside > 1e-30 * inside ? outside : 0;
  }

  private static void rotate(double[][] matrix, double[][] axes, int p, int q) {
    if (matrix[p][q] == 0) {
      return;
    }
    double theta = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q]);
    double tangent = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
    double cosine = 1 / Math.sqrt(tangent * tangent + 1);
    double sine = tangent * cosine;
    for (int i = 0; i < matrix.length; i++) {
      double atP = matrix[i][p];
      double atQ = matrix[i][q];
      matrix[i][p] = cosine * atP - sine * atQ;
      matrix[i][q] = sine * atP + cosine * atQ;
    }
    turn(matrix, p, q, cosine, sine);
    turn(axes, p, q, cosine, sine);
  }

  private static void turn(double[][] rows, int p, int q, double cosine, double sine) {
    for (int i = 0; i < rows[p].length; i++) {
      double atP = rows[p][i];
      double atQ = rows[q][i];
      rows[p][i] = cosine * atP - sine * atQ;
      rows[q][i] = sine * atP + cosine * atQ;
    }
  }
}
