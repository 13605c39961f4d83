package dev.eosin.eval.probes;

import java.util.Arrays;
import java.util.stream.IntStream;

/// `penalty * |W|^2 / 2 + share * sum(weight * log loss)` and its gradient; a point is all rows of
/// W [outputs,c], then the intercepts [outputs].
///
/// Rows are read once for value and gradient, a block at a time that stays in the processor's
/// cache. The inner loops run over rows for the scores and over features for the gradient, so that
/// neither adds up within a loop, which a compiler must not spread over lanes.
///
/// @param vectors [n][c]
/// @param classes of the rows [n]
/// @param weights of the rows [n]
/// @param outputs classes, or 1 of two classes
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record LogisticObjective(
    double[][] vectors,
    int[] classes,
    double[] weights,
    int width,
    int outputs,
    double penalty,
    double share)
    implements Lbfgs.Function {
  private static final int FEWEST_ROWS = 512;
  private static final int MOST_PIECES = 16;
  private static final int BLOCK = 128;
  private static final int COLUMNS = 64;

  /// Of rows that are fitted.
  static LogisticObjective of(
      LogisticRegression.Rows rows, int width, int outputs, double penalty, double share) {
    return new LogisticObjective(
        rows.vectors(), rows.classes(), rows.weights(), width, outputs, penalty, share);
  }

  /// What some rows add.
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Part(double value, double[] gradient) {}

  @Override
  public double at(double[] point, double[] gradient) {
    int all = vectors.length;
    // Pieces depend on the number of rows alone, so that no machine adds in another order.
    int piece = Math.max(FEWEST_ROWS, Math.ceilDiv(all, MOST_PIECES));
    Part[] parts =
        IntStream.range(0, Math.ceilDiv(all, piece))
            .parallel()
            .mapToObj(i -> part(point, i * piece, Math.min(all, (i + 1) * piece)))
            .toArray(Part[]::new);
    int intercepts = outputs * width;
    double value = 0;
    for (int i = 0; i < gradient.length; i++) {
      boolean held = i < intercepts;
      value += held ? penalty / 2 * point[i] * point[i] : 0;
      gradient[i] = held ? penalty * point[i] : 0;
    }
    for (Part part : parts) {
      value += part.value();
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] += part.gradient()[i];
      }
    }
    return value;
  }

  private Part part(double[] point, int from, int to) {
    double[] gradient = new double[point.length];
    double[][] scores = new double[outputs][BLOCK];
    double[][] turned = new double[COLUMNS][BLOCK];
    double[] one = new double[outputs];
    double value = 0;
    for (int block = from; block < to; block += BLOCK) {
      int count = Math.min(BLOCK, to - block);
      score(point, block, count, scores, turned);
      for (int r = 0; r < count; r++) {
        int row = block + r;
        for (int k = 0; k < outputs; k++) {
          one[k] = scores[k][r];
        }
        double weight = share * weights[row];
        value += weight * residuals(one, classes[row]);
        for (int k = 0; k < outputs; k++) {
          scores[k][r] = weight * one[k];
          gradient[outputs * width + k] += scores[k][r];
        }
      }
      differentiate(block, count, scores, gradient);
    }
    return new Part(value, gradient);
  }

  /// @param scores filled in [outputs][count]
  /// @param turned room for some columns [COLUMNS][count]
  private void score(double[] point, int block, int count, double[][] scores, double[][] turned) {
    for (int k = 0; k < outputs; k++) {
      Arrays.fill(scores[k], point[outputs * width + k]);
    }
    for (int column = 0; column < width; column += COLUMNS) {
      int columns = Math.min(COLUMNS, width - column);
      for (int r = 0; r < count; r++) {
        double[] vector = vectors[block + r];
        for (int i = 0; i < columns; i++) {
          turned[i][r] = vector[column + i];
        }
      }
      for (int k = 0; k < outputs; k++) {
        int at = k * width + column;
        int i = 0;
        for (; i + 3 < columns; i += 4) {
          addFour(scores[k], count, turned, i, point, at + i);
        }
        for (; i < columns; i++) {
          addOne(scores[k], 0, count, turned[i], 0, point[at + i]);
        }
      }
    }
  }

  private static void addFour(
      double[] sums, int count, double[][] turned, int first, double[] point, int at) {
    double[] a = turned[first];
    double[] b = turned[first + 1];
    double[] c = turned[first + 2];
    double[] d = turned[first + 3];
    double wa = point[at];
    double wb = point[at + 1];
    double wc = point[at + 2];
    double wd = point[at + 3];
    for (int r = 0; r < count; r++) {
      sums[r] += wa * a[r] + wb * b[r] + (wc * c[r] + wd * d[r]);
    }
  }

  private static void addOne(
      double[] sums, int from, int count, double[] values, int first, double weight) {
    for (int i = 0; i < count; i++) {
      sums[from + i] += weight * values[first + i];
    }
  }

  private void differentiate(int block, int count, double[][] residuals, double[] gradient) {
    for (int column = 0; column < width; column += 2 * COLUMNS) {
      int columns = Math.min(2 * COLUMNS, width - column);
      int r = 0;
      for (; r + 3 < count; r += 4) {
        for (int k = 0; k < outputs; k++) {
          addFour(gradient, k * width + column, columns, block + r, column, residuals[k], r);
        }
      }
      for (; r < count; r++) {
        for (int k = 0; k < outputs; k++) {
          double[] vector = vectors[block + r];
          addOne(gradient, k * width + column, columns, vector, column, residuals[k][r]);
        }
      }
    }
  }

  private void addFour(
      double[] gradient, int at, int columns, int row, int column, double[] residual, int r) {
    double[] a = vectors[row];
    double[] b = vectors[row + 1];
    double[] c = vectors[row + 2];
    double[] d = vectors[row + 3];
    double ra = residual[r];
    double rb = residual[r + 1];
    double rc = residual[r + 2];
    double rd = residual[r + 3];
    for (int i = 0; i < columns; i++) {
      int from = column + i;
      gradient[at + i] += ra * a[from] + rb * b[from] + (rc * c[from] + rd * d[from]);
    }
  }

  /// Makes scores into the gradient of the log loss, which is given back.
  private static double residuals(double[] scores, int truth) {
    if (scores.length == 1) {
      double score = scores[0];
      // log(1 + e^-|s|) does not overflow.
      double loss = Math.max(0, score) - truth * score + Math.log1p(Math.exp(-Math.abs(score)));
      scores[0] = 1 / (1 + Math.exp(-score)) - truth;
      return loss;
    }
    double own = scores[truth];
    double loss = LogisticRegression.softmax(scores) - own;
    scores[truth] -= 1;
    return loss;
  }
}
