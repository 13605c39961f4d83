package dev.eosin.eval;

/// Arithmetic on single vectors.
final class Vectors {
  /// As torch's `F.normalize`: a zero vector stays zero.
  private static final double SMALLEST_NORM = 1e-12;

  private Vectors() {}

  /// The vector at length 1.
  static double[] normalised(float[] vector) {
    double[] wide = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      wide[i] = vector[i];
    }
    return normalised(wide);
  }

  /// The vector at length 1.
  ///
  /// @throws IllegalArgumentException when a component is infinite or NaN
  static double[] normalised(double[] vector) {
    double norm = Math.max(Math.sqrt(dot(vector, vector)), SMALLEST_NORM);
    if (!Double.isFinite(norm)) {
      throw new IllegalArgumentException(
          "an embedding has components that are infinite or NaN; the model's weights are broken");
    }
    double[] scaled = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      scaled[i] = vector[i] / norm;
    }
    return scaled;
  }

  /// Each row at length 1.
  static double[][] normalised(float[][] rows) {
    double[][] result = new double[rows.length][];
    for (int row = 0; row < rows.length; row++) {
      result[row] = normalised(rows[row]);
    }
    return result;
  }

  /// The inner product.
  static double dot(double[] a, double[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "embeddings of %d and %d components do not belong to one model"
              .formatted(a.length, b.length));
    }
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
