package dev.eosin.data;

/// The images of a batch: m images of h x w pixels, in the order of their rows, of which each may
/// have none, one or several.
///
/// @param pixels [m, 3, h, w] uint8, red first; may be longer
/// @param height h
/// @param width w
/// @param rows the row of each image [m], rising
@SuppressWarnings("ArrayRecordComponent") // recycled buffers: identity equality is meant
public record BatchImages(byte[] pixels, int height, int width, int[] rows) {
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
    return new BatchImages(pixels.clone(), height, width, rows.clone());
  }
}
