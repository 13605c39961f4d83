package dev.eosin.image;

import java.util.Arrays;

/// A resize of interleaved uint8 samples, horizontal pass first, each pass rounded to uint8, as in
/// Pillow. Rows run through both passes: only as many narrow rows as one output row needs are kept.
final class BytePasses {
  private static final int HALF = 1 << (AxisWeights.PRECISION_BITS - 1);

  private final HorizontalPass horizontal;
  private final int top;
  private final AxisWeights rows;
  private final int[] weights;
  private final int[][] narrow;
  private final int[] sums;
  private int nextRow;

  private BytePasses(HorizontalPass horizontal, int rowLength, int top, AxisWeights rows) {
    this.horizontal = horizontal;
    this.top = top;
    this.rows = rows;
    this.weights = rows.fixedPoint();
    // Rows are made in pairs, so there may be one more than an output row needs.
    this.narrow = new int[rows.stride() + 1][rowLength];
    this.sums = new int[rowLength];
    this.nextRow = rows.firstSource();
  }

  /// Resizes a part of an image.
  ///
  /// @param source [height, sourceWidth, bands]
  /// @param from the part: the weights' positions are relative to it
  /// @return [rows.outputs(), columns.outputs(), bands]
  static byte[] resize(
      byte[] source,
      int sourceWidth,
      int bands,
      Window from,
      AxisWeights columns,
      AxisWeights rows) {
    HorizontalPass horizontal =
        new HorizontalPass(source, sourceWidth, bands, from.left(), columns);
    int rowLength = columns.outputs() * bands;
    BytePasses passes = new BytePasses(horizontal, rowLength, from.top(), rows);
    byte[] target = new byte[rows.outputs() * rowLength];
    for (int y = 0; y < rows.outputs(); y++) {
      passes.outputRow(y);
      clipInto(passes.sums, target, y * rowLength);
    }
    return target;
  }

  private void outputRow(int y) {
    int start = rows.start(y);
    int end = start + rows.count(y);
    for (; nextRow < end; nextRow += 2) {
      int second = Math.min(nextRow + 1, rows.endSource() - 1);
      horizontal.rows(top + nextRow, top + second, narrow(nextRow), narrow(nextRow + 1));
    }
    Arrays.fill(sums, HALF);
    int weight = y * rows.stride();
    int row = start;
    for (; row + 3 < end; row += 4, weight += 4) {
      addFour(
          sums, narrow(row), narrow(row + 1), narrow(row + 2), narrow(row + 3), weights, weight);
    }
    for (; row < end; row++, weight++) {
      addOne(sums, narrow(row), weights[weight]);
    }
  }

  private int[] narrow(int row) {
    return narrow[row % narrow.length];
  }

  /// Loops over nothing but int arrays: the compiler turns them into vector instructions.
  private static void addFour(
      int[] sums, int[] a, int[] b, int[] c, int[] d, int[] weights, int weight) {
    int wa = weights[weight];
    int wb = weights[weight + 1];
    int wc = weights[weight + 2];
    int wd = weights[weight + 3];
    for (int i = 0; i < sums.length; i++) {
      sums[i] += a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd;
    }
  }

  private static void addOne(int[] sums, int[] row, int weight) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += row[i] * weight;
    }
  }

  private static void clipInto(int[] sums, byte[] target, int out) {
    for (int i = 0; i < sums.length; i++) {
      target[out + i] = (byte) Math.max(0, Math.min(sums[i] >> AxisWeights.PRECISION_BITS, 255));
    }
  }
}
