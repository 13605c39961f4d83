package dev.eosin.data;

import dev.eosin.image.RgbImage;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The buffers of one batch in the making. Workers fill different rows at the same time; everything
/// else happens under the loader's lock or after the last row is there.
final class BatchSlot {
  private final BatchShape shape;
  private final byte[] images;
  private final int[] ids;
  private final int[] lengths;
  private final Batch.@Nullable Row[] rows;
  private final @Nullable BadRow[] badRows;
  private int remaining;
  private int failedRow = Integer.MAX_VALUE;
  private @Nullable Throwable failure;

  BatchSlot(BatchShape shape) {
    this.shape = shape;
    images = new byte[Math.multiplyExact(shape.size(), shape.imageBytes())];
    ids = new int[Math.multiplyExact(shape.size(), shape.contextLength())];
    lengths = new int[shape.size()];
    rows = new Batch.Row[shape.size()];
    badRows = new BadRow[shape.size()];
  }

  /// Makes the slot empty, to be filled with `count` rows.
  void begin(int count) {
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
    writePlanes(ready.tile(), row * shape.imageBytes());
    int start = row * shape.contextLength();
    int[] rowIds = ready.ids();
    System.arraycopy(rowIds, 0, ids, start, rowIds.length);
    Arrays.fill(ids, start + rowIds.length, start + shape.contextLength(), shape.paddingId());
    lengths[row] = rowIds.length;
  }

  private void writePlanes(RgbImage tile, int start) {
    if (tile.width() != shape.width() || tile.height() != shape.height()) {
      throw new IllegalStateException(
          "the transform made a tile of %d x %d px instead of %d x %d"
              .formatted(tile.width(), tile.height(), shape.width(), shape.height()));
    }
    tile.writePlanar(images, start);
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
    for (int row = 0; row < rows.length; row++) {
      Batch.Row source = rows[row];
      if (source != null) {
        moveRow(row, present.size());
        present.add(source);
      }
    }
    return new Batch(
        firstPosition,
        present,
        images,
        shape.height(),
        shape.width(),
        ids,
        lengths,
        shape.contextLength(),
        captionClasses(present.size()),
        badRows(),
        dataWaitNanos);
  }

  private int[] captionClasses(int count) {
    int[] classes = new int[count];
    Map<IntBuffer, Integer> firstRows = HashMap.newHashMap(count);
    for (int row = 0; row < count; row++) {
      IntBuffer caption = IntBuffer.wrap(ids, row * shape.contextLength(), lengths[row]);
      classes[row] = Objects.requireNonNullElse(firstRows.putIfAbsent(caption, row), row);
    }
    return classes;
  }

  private void moveRow(int from, int to) {
    if (from == to) {
      return;
    }
    int bytes = shape.imageBytes();
    System.arraycopy(images, from * bytes, images, to * bytes, bytes);
    int n = shape.contextLength();
    System.arraycopy(ids, from * n, ids, to * n, n);
    lengths[to] = lengths[from];
  }
}
