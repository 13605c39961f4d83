package dev.eosin.data.batches;

import dev.eosin.tensor.HostBytes;

/// The images of a batch: m images of h x w pixels, in the order of their rows, of which each may
/// have none, one or several.
///
/// @param pixels [m, 3, h, w] uint8, red first; may be longer; those of a [BatchLoader]'s batch are
///   the loader's, which fills them again and closes them
/// @param height h
/// @param width w
/// @param rows the row of each image `[m]`, rising
@SuppressWarnings("ArrayRecordComponent") // recycled buffers: identity equality is meant
public record BatchImages(HostBytes pixels, int height, int width, int[] rows) {
  /// Of pixels on Java's heap.
  public BatchImages(byte[] pixels, int height, int width, int[] rows) {
    this(HostBytes.of(pixels), height, width, rows);
  }

  /// 3 h w
  public int imageBytes() {
    return 3 * height * width;
  }

  /// A copy of all images [m, 3, h, w] on Java's heap.
  public byte[] onHeap() {
    return pixels.copy(0, Math.multiplyExact(rows.length, imageBytes()));
  }

  /// A copy of one image [3, h, w] on Java's heap.
  ///
  /// @param image from 0
  public byte[] onHeap(int image) {
    return pixels.copy((long) image * imageBytes(), imageBytes());
  }

  /// m
  public int count() {
    return rows.length;
  }

  /// Number of images of the rows before this one: where its first image stands.
  public int before(int row) {
    int count = 0;
    while (count < rows.length && rows[count] < row) {
      count++;
    }
    return count;
  }

  /// @throws IllegalStateException unless each of `b` rows has one image
  public void requireOneEach(int b) {
    if (rows.length != b) {
      throw new IllegalStateException(
          "%d rows have %d images; one each is needed".formatted(b, rows.length));
    }
  }

  BatchImages copy() {
    return new BatchImages(pixels.copy(), height, width, rows.clone());
  }
}
