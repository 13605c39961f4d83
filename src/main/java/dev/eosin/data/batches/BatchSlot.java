package dev.eosin.data.batches;

import dev.eosin.data.order.RowShape;
import dev.eosin.data.order.TokenRow;
import dev.eosin.image.RgbImage;
import dev.eosin.tensor.HostBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The buffers of one batch in the making. Workers fill different rows at the same time; everything
/// else happens under the loader's lock or after the last row is there.
final class BatchSlot implements AutoCloseable {
  private final RowShape shape;
  private final HostBytes pixels;
  private final int[] images;
  private final Map<String, TokenSlot> tokens = new LinkedHashMap<>();
  private final Batch.@Nullable Row[] rows;
  private final @Nullable BadRow[] badRows;
  private int remaining;
  private int failedRow = Integer.MAX_VALUE;
  private @Nullable Throwable failure;

  BatchSlot(RowShape shape, int size) {
    this.shape = shape;
    pixels = HostBytes.allocate((long) size * shape.mostImages() * shape.imageBytes());
    images = new int[size];
    shape.tokens().forEach((name, sequence) -> tokens.put(name, new TokenSlot(sequence, size)));
    rows = new Batch.Row[size];
    badRows = new BadRow[size];
  }

  /// Makes the slot empty, to be filled with `count` rows, once no GPU copies from it any more.
  void begin(int count) {
    pixels.awaitCopies();
    remaining = count;
    Arrays.fill(rows, null);
    Arrays.fill(badRows, null);
  }

  void put(int row, PreparedRow prepared) {
    switch (prepared) {
      case PreparedRow.Ready ready -> putReady(row, ready);
      case PreparedRow.Unreadable(BadRow bad) -> badRows[row] = bad;
    }
  }

  private void putReady(int row, PreparedRow.Ready ready) {
    rows[row] = ready.row();
    badRows[row] = ready.bad().orElse(null);
    putImages(row, ready.inputs().images());
    for (Map.Entry<String, TokenSlot> slot : tokens.entrySet()) {
      TokenRow ids = ready.inputs().tokens().get(slot.getKey());
      if (ids == null) {
        throw new IllegalStateException("the row has no ids named " + slot.getKey());
      }
      slot.getValue().put(row, ids);
    }
  }

  private void putImages(int row, List<RgbImage> tiles) {
    if (tiles.size() > shape.mostImages()) {
      throw new IllegalStateException(
          "the row has %d images, there is room for %d"
              .formatted(tiles.size(), shape.mostImages()));
    }
    images[row] = tiles.size();
    for (int i = 0; i < tiles.size(); i++) {
      writePlanes(tiles.get(i), row * shape.mostImages() + i);
    }
  }

  private void writePlanes(RgbImage tile, int place) {
    if (tile.width() != shape.width() || tile.height() != shape.height()) {
      throw new IllegalStateException(
          "the transform made a tile of %d x %d px instead of %d x %d"
              .formatted(tile.width(), tile.height(), shape.width(), shape.height()));
    }
    byte[] planes = new byte[shape.imageBytes()];
    tile.writePlanar(planes, 0);
    pixels.put((long) place * planes.length, planes);
  }

  /// Keeps the failure of the lowest row, which does not depend on the threads' timing.
  void fail(int row, Throwable thrown) {
    if (row < failedRow) {
      failedRow = row;
      failure = thrown;
    }
  }

  /// Counts a row as done and says whether it was the last one.
  boolean finishRow() {
    remaining--;
    return remaining == 0;
  }

  boolean isComplete() {
    return remaining == 0;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  List<BadRow> badRows() {
    return Arrays.stream(badRows).flatMap(bad -> Optional.ofNullable(bad).stream()).toList();
  }

  /// The finished batch, unreadable rows left out.
  Batch toBatch(long firstPosition, long dataWaitNanos) {
    List<Batch.Row> present = new ArrayList<>();
    var rowOfImage = IntStream.builder();
    int written = 0;
    for (int row = 0; row < rows.length; row++) {
      Batch.Row source = rows[row];
      if (source != null) {
        int to = present.size();
        for (int i = 0; i < images[row]; i++) {
          moveImage(row * shape.mostImages() + i, written++);
          rowOfImage.add(to);
        }
        if (row != to) {
          int from = row;
          tokens.values().forEach(slot -> slot.move(from, to));
        }
        present.add(source);
      }
    }
    Map<String, Tokens> sequences = new LinkedHashMap<>();
    tokens.forEach((name, slot) -> sequences.put(name, slot.tokens()));
    return new Batch(
        firstPosition,
        present,
        new BatchImages(pixels, shape.height(), shape.width(), rowOfImage.build().toArray()),
        sequences,
        badRows(),
        dataWaitNanos);
  }

  /// Gives the memory of the images back; no thread may use the slot any more.
  @Override
  public void close() {
    pixels.close();
  }

  private void moveImage(int from, int to) {
    if (from != to) {
      long bytes = shape.imageBytes();
      pixels.move(from * bytes, to * bytes, bytes);
    }
  }
}
