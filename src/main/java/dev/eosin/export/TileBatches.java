package dev.eosin.export;

import dev.eosin.config.DataException;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Reads held-out tiles some at a time, and remembers those that cannot be read.
final class TileBatches {
  private static final int AT_ONCE = 16;
  private static final int BATCHES_A_LINE = 8;

  /// What is done with some tiles.
  @FunctionalInterface
  interface Work {
    /// @throws IOException when it fails
    void on(List<RgbImage> images) throws IOException;
  }

  private final HeldOut heldOut;
  private final Consumer<String> progress;
  private final List<OptionalInt> truths = new ArrayList<>();
  private final List<IOException> unreadable = new ArrayList<>();

  TileBatches(HeldOut heldOut, Consumer<String> progress) {
    this.heldOut = heldOut;
    this.progress = progress;
  }

  /// Hands on every tile that can be read.
  ///
  /// @throws DataException when they are fewer than equality is proven on
  /// @throws IOException as `work`
  void each(Work work) throws IOException {
    int all = heldOut.tiles().size();
    for (int from = 0; from < all; from += AT_ONCE) {
      int to = Math.min(all, from + AT_ONCE);
      List<RgbImage> images = read(from, to);
      if (!images.isEmpty()) {
        work.on(images);
      }
      if (to == all || from / AT_ONCE % BATCHES_A_LINE == 0) {
        progress.accept("compared tiles %d/%d".formatted(to, all));
      }
    }
    requireEnough();
  }

  private List<RgbImage> read(int from, int to) {
    List<RgbImage> images = new ArrayList<>();
    for (HeldOut.Tile tile : heldOut.tiles().subList(from, to)) {
      try {
        images.add(heldOut.read(tile));
        truths.add(tile.truth());
      } catch (IOException unread) {
        unreadable.add(unread);
      }
    }
    return images;
  }

  private void requireEnough() throws DataException {
    if (truths.size() < HeldOut.LEAST) {
      IOException first = unreadable.getFirst();
      throw new DataException(
          "%s: %d tiles can be read and %d cannot (the first: %s); equality is proven on %d or more; raise --verify-tiles"
              .formatted(
                  heldOut.name(),
                  truths.size(),
                  unreadable.size(),
                  first.getMessage(),
                  HeldOut.LEAST),
          first);
    }
  }

  /// Classes of the tiles that were handed on, in order.
  List<OptionalInt> truths() {
    return List.copyOf(truths);
  }

  /// How many could not be read.
  int unreadable() {
    return unreadable.size();
  }
}
