package dev.eosin.image;

/// The little linear algebra that stains and colour spaces need, for 3 x 3 matrices.
public final class Matrices {
  private static final int SWEEPS = 50;

  private Matrices() {}

  public static double[][] inverse(double[][] m) {
    double[][] inverse = new double[3][3];
    double determinant = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        int a = (j + 1) % 3;
        int b = (j + 2) % 3;
        int c = (i + 1) % 3;
        int d = (i + 2) % 3;
        inverse[i][j] = m[a][c] * m[b][d] - m[a][d] * m[b][c];
      }
      determinant += m[0][i] * inverse[i][0];
    }
    for (double[] row : inverse) {
      for (int j = 0; j < 3; j++) {
        row[j] /= determinant;
      }
    }
    return inverse;
  }

  static double[][] product(double[][] left, double[][] right) {
    double[][] product = new double[3][3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 3; k++) {
          product[i][j] += left[i][k] * right[k][j];
        }
      }
    }
    return product;
  }

  /// The two eigenvectors of a symmetric matrix with the largest eigenvalues, by Jacobi's
  /// rotations.
  ///
  /// @return [2, 3] unit vectors, the larger eigenvalue last
  public static double[][] principal(double[][] symmetric) {
    double[][] m = {symmetric[0].clone(), symmetric[1].clone(), symmetric[2].clone()};
    double[][] vectors = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      rotate(m, vectors, 0, 1);
      rotate(m, vectors, 0, 2);
      rotate(m, vectors, 1, 2);
    }
    int least = m[0][0] <= m[1][1] ? (m[0][0] <= m[2][2] ? 0 : 2) : (m[1][1] <= m[2][2] ? 1 : 2);
    int first = (least + 1) % 3;
    int second = (least + 2) % 3;
    boolean ordered = m[first][first] <= m[second][second];
    return new double[][] {vectors[ordered ? first : second], vectors[ordered ? second : first]};
  }

  /// Makes m[p][q] zero; row i of `vectors` is the eigenvector of m[i][i] in the end.
  private static void rotate(double[][] m, double[][] vectors, int p, int q) {
    if (m[p][q] == 0) {
      return;
    }
    double angle = (m[q][q] - m[p][p]) / (2 * m[p][q]);
    double tangent = Math.copySign(1, angle) / (Math.abs(angle) + Math.hypot(angle, 1));
    double cosine = 1 / Math.hypot(tangent, 1);
    double sine = tangent * cosine;
    for (int k = 0; k < 3; k++) {
      double kp = m[k][p];
      double kq = m[k][q];
      m[k][p] = cosine * kp - sine * kq;
      m[k][q] = sine * kp + cosine * kq;
    }
    for (int k = 0; k < 3; k++) {
      double pk = m[p][k];
      double qk = m[q][k];
      m[p][k] = cosine * pk - sine * qk;
      m[q][k] = sine * pk + cosine * qk;
      double vp = vectors[p][k];
      double vq = vectors[q][k];
      vectors[p][k] = cosine * vp - sine * vq;
      vectors[q][k] = sine * vp + cosine * vq;
    }
  }
}
