package dev.eosin.eval.tiles;

import java.io.IOException;

/// A model whose image tower can be trained on, as [FineTuning] sees it. k classes.
public interface TunableModel {
  /// The tower as it is stored, with a new linear layer above it; the model itself stays as it is.
  ///
  /// @param classes k
  /// @param weightDecay of matrices
  /// @param run draws the linear layer
  /// @throws IOException when the weights cannot be read
  Classifier classifier(int classes, double weightDecay, int run) throws IOException;

  /// The same model for some of the tiles, such as those that could be read.
  TunableModel of(TileSet set);

  /// Bytes of a tile.
  int bytes();

  /// Writes a tile as the model takes it, uint8 [3,h,w].
  ///
  /// @param tile its place in the set
  /// @param at where it begins
  /// @throws IOException when it cannot be read any more
  void pixels(int tile, byte[] to, int at) throws IOException;

  /// A tower in training.
  interface Classifier extends AutoCloseable {
    /// One update by the mean cross entropy of a batch.
    ///
    /// @param pixels uint8 [b,3,h,w]
    /// @param classes of them `[b]`
    /// @param rate of this update
    /// @return the loss before it; where it is not finite nothing is updated
    double update(byte[] pixels, int[] classes, double rate);

    /// What it takes tiles for `[b][k]`; each row sums to 1.
    ///
    /// @param pixels uint8, of so many tiles or more
    /// @param count b
    double[][] shares(byte[] pixels, int count);

    @Override
    void close();
  }
}
