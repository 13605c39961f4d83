package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.slides.SlideCodecs;
import java.io.IOException;

/// An image of a TIFF file as its tiles or strips: a grid of pieces of one size, of which those at
/// the right and lower edge may reach beyond the image.
///
/// @param width of the image, in pixels
/// @param height of the image, in pixels
/// @param pieceWidth in pixels; a strip's is the image's
/// @param pieceHeight in pixels
/// @param layout how samples stand in a piece
/// @param offsets in the file, row by row; with a plane for each band, band by band
/// @param lengths in bytes
/// @param tables of JPEG, or empty
@SuppressWarnings("ArrayRecordComponent") // read-only tables: identity equality is meant
record Pieces(
    TiffDirectory directory,
    int width,
    int height,
    int pieceWidth,
    int pieceHeight,
    SampleLayout layout,
    long[] offsets,
    long[] lengths,
    byte[] tables) {
  private static final long MOST_PIECE_PIXELS = ImageDecoder.DEFAULT_MAX_PIXELS;

  /// All tables that a JPEG stream can have are less than half as long.
  private static final int LONGEST_TABLES = 8192;

  /// Reads where an image's pieces are, not the pieces.
  ///
  /// @throws DataException when the directory describes no image that is read
  static Pieces of(TiffDirectory directory) throws DataException {
    int width = side(directory, TiffDirectory.WIDTH, "width");
    int height = side(directory, TiffDirectory.HEIGHT, "height");
    boolean tiled = directory.has(TiffDirectory.TILE_WIDTH);
    int pieceWidth = tiled ? side(directory, TiffDirectory.TILE_WIDTH, "tile width") : width;
    int pieceHeight =
        tiled
            ? side(directory, TiffDirectory.TILE_HEIGHT, "tile height")
            : (int) Math.min(height, directory.number(TiffDirectory.ROWS_PER_STRIP).orElse(height));
    if (pieceHeight < 1 || pieceHeight > MOST_PIECE_PIXELS / pieceWidth) {
      throw directory.flaw(
          "has pieces of %d x %d px; at most %d pixels are read at once"
              .formatted(pieceWidth, pieceHeight, MOST_PIECE_PIXELS));
    }
    SampleLayout layout = SampleLayout.of(directory);
    long places = (long) Math.ceilDiv(width, pieceWidth) * Math.ceilDiv(height, pieceHeight);
    int offsetTag = tiled ? TiffDirectory.TILE_OFFSETS : TiffDirectory.STRIP_OFFSETS;
    int lengthTag = tiled ? TiffDirectory.TILE_BYTES : TiffDirectory.STRIP_BYTES;
    // Before the tables are read: places are below 2^62, planes at most 4.
    if (directory.count(offsetTag) / layout.planes() != places
        || directory.count(offsetTag) % layout.planes() != 0
        || directory.count(lengthTag) != directory.count(offsetTag)) {
      throw directory.flaw(
          "has %d offsets and %d lengths for %d places of tiles or strips in %d planes"
              .formatted(
                  directory.count(offsetTag), directory.count(lengthTag), places, layout.planes()));
    }
    long[] offsets = directory.numbers(offsetTag, directory.count(offsetTag));
    long[] lengths = directory.numbers(lengthTag, directory.count(lengthTag));
    byte[] tables = directory.bytes(TiffDirectory.JPEG_TABLES, LONGEST_TABLES);
    return new Pieces(
        directory, width, height, pieceWidth, pieceHeight, layout, offsets, lengths, tables);
  }

  private static int side(TiffDirectory directory, int tag, String name) throws DataException {
    long value = directory.required(tag, name);
    if (value < 1 || value > Integer.MAX_VALUE) {
      throw directory.flaw("has a %s of %d px".formatted(name, value));
    }
    return (int) value;
  }

  int columns() {
    return Math.ceilDiv(width, pieceWidth);
  }

  int rows() {
    return Math.ceilDiv(height, pieceHeight);
  }

  /// Decodes a piece.
  ///
  /// @return of the piece's whole size; what lies beyond the image is as the file has it
  /// @throws DataException naming the piece when it is missing or broken
  RgbImage read(int column, int row, SlideCodecs codecs) throws DataException {
    String what =
        "the piece in column %d, row %d of %d x %d px".formatted(column, row, width, height);
    int index = row * columns() + column;
    int high = Math.min(pieceHeight, height - row * pieceHeight);
    byte[][] packed = new byte[layout.planes()][];
    for (int plane = 0; plane < packed.length; plane++) {
      int at = plane * columns() * rows() + index;
      if (lengths[at] == 0) {
        throw new DataException(
            "%s: %s is not in the file: the scanner left it out, or it was cut off"
                .formatted(directory.file().path(), what));
      }
      packed[plane] = directory.file().read(offsets[at], lengths[at], what);
    }
    try {
      RgbImage image = layout.unpack(packed, tables, pieceWidth, pieceHeight, high, codecs);
      if (image.width() != pieceWidth || image.height() < high) {
        throw new IOException(
            "corrupt piece: it has %d x %d px where %d x %d belong"
                .formatted(image.width(), image.height(), pieceWidth, pieceHeight));
      }
      return image;
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException broken) {
      // Decoders answer malformed pieces with both kinds of exceptions.
      String reason = broken instanceof IOException ? broken.getMessage() : "corrupt piece";
      throw new DataException(
          "%s: %s cannot be decoded: %s".formatted(directory.file().path(), what, reason), broken);
    }
  }
}
