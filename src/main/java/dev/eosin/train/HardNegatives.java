package dev.eosin.train;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;

/// Which text an image, and which image a text is judged with wrongly: drawn in proportion to how
/// alike they are, one each a row. b rows of B.
///
/// @param imageOfText place in the batch of each text's image `[b]`
/// @param textOfImage place in the batch of each image's text `[b]`
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record HardNegatives(int[] imageOfText, int[] textOfImage) {
  /// What decides the draws of one row, each in [0, 1).
  ///
  /// @param imageOfText for its text's image
  /// @param textOfImage for its image's text
  public record Uniforms(double imageOfText, double textOfImage) {
    /// Those of a sample, whatever batch it is in.
    ///
    /// @param position of the sample in the run
    public static Uniforms of(RandomKey key, long position) {
      RandomStream stream = key.stream(RandomKey.Purpose.HARD_NEGATIVE, 0, position);
      return new Uniforms(stream.nextDouble(), stream.nextDouble());
    }
  }

  /// The first column whose cumulative share exceeds the uniform.
  ///
  /// @param shares of all columns, not negative; their sum need not be 1
  /// @param uniform in [0, 1)
  /// @throws IllegalArgumentException when no column has a share
  public static int drawn(float[] shares, int from, int to, double uniform) {
    double total = 0;
    for (int i = from; i < to; i++) {
      total += shares[i];
    }
    if (!(total > 0)) {
      throw new IllegalArgumentException(
          "hard negatives: no pair of the batch is likely; there must be at least two rows, and similarities that are numbers");
    }
    double sum = 0;
    int last = from;
    for (int i = from; i < to; i++) {
      sum += shares[i];
      if (sum / total > uniform) {
        return i - from;
      }
      last = shares[i] > 0 ? i : last;
    }
    return last - from; // rounding left the last share short of the uniform
  }
}
