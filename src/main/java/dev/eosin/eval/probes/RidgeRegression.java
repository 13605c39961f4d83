package dev.eosin.eval.probes;

import java.util.Arrays;

/// Least squares: minimises `C * sum(squared errors) + |w|^2` with a free intercept. scikit-learn's
/// `Ridge` with an alpha of 1 / C.
///
/// @param coefficients `[c]`
/// @param intercept added
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record RidgeRegression(double[] coefficients, double intercept) {
  /// Fits.
  ///
  /// @param vectors `[n][c]`
  /// @param targets `[n]`
  /// @param c inverse strength of the regularisation, above 0
  public static RidgeRegression fit(double[][] vectors, double[] targets, double c) {
    int width = vectors[0].length;
    double[] mean = new double[width];
    for (double[] vector : vectors) {
      for (int i = 0; i < width; i++) {
        mean[i] += vector[i] / vectors.length;
      }
    }
    double middle = Arrays.stream(targets).average().orElseThrow();
    double[][] squares = new double[width][width];
    double[] products = new double[width];
    double[] from = new double[width];
    for (int row = 0; row < vectors.length; row++) {
      for (int i = 0; i < width; i++) {
        from[i] = vectors[row][i] - mean[i];
      }
      for (int i = 0; i < width; i++) {
        double own = c * from[i];
        products[i] += own * (targets[row] - middle);
        double[] sums = squares[i];
        for (int j = 0; j <= i; j++) {
          sums[j] += own * from[j];
        }
      }
    }
    for (int i = 0; i < width; i++) {
      squares[i][i] += 1;
    }
    // Squares plus 1 on the diagonal are positive definite, whatever the rows.
    Cholesky.of(squares).orElseThrow().solve(products);
    return new RidgeRegression(products, middle - LogisticRegression.dot(products, 0, mean));
  }

  /// @param vector `[c]`
  public double predicted(double[] vector) {
    return intercept + LogisticRegression.dot(coefficients, 0, vector);
  }
}
