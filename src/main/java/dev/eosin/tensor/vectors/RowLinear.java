package dev.eosin.tensor.vectors;

import java.util.Optional;

/// A linear of a decoder's step: a matrix [r,c], and beside it perhaps a low-rank pair.
///
/// One thread begins with an input; then several may compute rows.
public final class RowLinear {
  /// What is added to a matrix: scale up down.
  ///
  /// @param down [rank,c]
  /// @param up [r,rank]
  public record LowRank(RowMatrix down, RowMatrix up, float scale) {}

  private final RowMatrix weight;
  private final Optional<LowRank> beside;
  private float[] low = {};
  private float[] added = {};

  public RowLinear(RowMatrix weight, Optional<LowRank> beside) {
    this.weight = weight;
    this.beside = beside;
  }

  /// Rows r of the matrix.
  public int rows() {
    return weight.rows();
  }

  /// Takes in what all rows will be multiplied with.
  ///
  /// @param x [inputs,c]
  public void begin(float[] x, int inputs) {
    if (beside.isEmpty()) {
      return;
    }
    RowMatrix down = beside.get().down();
    if (low.length != inputs * down.rows()) {
      low = new float[inputs * down.rows()];
      added = new float[inputs * rows()];
    }
    down.times(x, inputs, 0, down.rows(), low);
  }

  /// Writes rows `from` to `to` of the products with every input.
  ///
  /// @param x what it began with
  /// @param y [inputs,r]
  public void times(float[] x, int inputs, int from, int to, float[] y) {
    weight.times(x, inputs, from, to, y);
    beside.ifPresent(pair -> add(pair, inputs, from, to, y));
  }

  private void add(LowRank pair, int inputs, int from, int to, float[] y) {
    pair.up().times(low, inputs, from, to, added);
    for (int input = 0; input < inputs; input++) {
      for (int i = input * rows() + from; i < input * rows() + to; i++) {
        y[i] += pair.scale() * added[i];
      }
    }
  }

  @Override
  public String toString() {
    return weight + beside.map(pair -> " and " + pair).orElse("");
  }
}
