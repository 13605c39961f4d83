package dev.eosin.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/// Decodes the pieces of whole slides, which are no files: JPEG whose tables stand elsewhere, and
/// JPEG 2000 code streams. Thread safe.
///
/// @param jpeg used where it is present; the JDK's libjpeg otherwise, with the same pixels
/// @param jpeg2000 used where it is present; a decoder in Java otherwise, whose samples differ by 1,
///   in less than 1 of 1,000 by 2, and which takes several times as long
public record SlideCodecs(Optional<TurboJpeg> jpeg, Optional<OpenJpeg> jpeg2000) {
  private static final int MARKER = 0xFF;
  private static final int START_OF_IMAGE = 0xD8;
  private static final int END_OF_IMAGE = 0xD9;
  private static final int JFIF = 0xE0;
  private static final int ADOBE = 0xEE;
  private static final int SHORTEST = 4;

  /// Decoders in Java alone.
  public static final SlideCodecs JAVA = new SlideCodecs(Optional.empty(), Optional.empty());

  /// With the libraries that this machine has.
  public static SlideCodecs find() {
    return new SlideCodecs(TurboJpeg.find(), OpenJpeg.find());
  }

  /// A piece of JPEG.
  ///
  /// @param tables a JPEG stream of tables alone, as TIFF's JPEGTables; may be empty
  /// @param piece a JPEG stream with an image, with or without tables
  /// @param lumaChroma whether three components are YCbCr, else RGB: whatever the stream says of it
  /// @param most pixels that the piece may have
  /// @throws IOException without the file's name, when the piece cannot be decoded
  public RgbImage jpeg(byte[] tables, byte[] piece, boolean lumaChroma, long most)
      throws IOException {
    if (piece.length < SHORTEST
        || (piece[0] & 0xFF) != MARKER
        || (piece[1] & 0xFF) != START_OF_IMAGE) {
      throw new UnreadableImageException("corrupt piece: it does not begin as JPEG does");
    }
    byte[] whole = whole(tables, piece, lumaChroma);
    var how = new JpegDecoding(jpeg, OptionalInt.empty());
    return JpegDecoder.decode(whole, most, how).toRgb();
  }

  /// One stream with its tables and with a marker of Adobe's, by which decoders know the colours.
  private static byte[] whole(byte[] tables, byte[] piece, boolean lumaChroma) {
    var out = new ByteArrayOutputStream(tables.length + piece.length + 16);
    out.write(MARKER);
    out.write(START_OF_IMAGE);
    byte transform = (byte) (lumaChroma ? 1 : 0);
    out.writeBytes(
        new byte[] {
          (byte) MARKER, (byte) ADOBE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform
        });
    if (tables.length > SHORTEST) {
      out.write(tables, 2, tables.length - 2 - (ends(tables) ? 2 : 0));
    }
    int from = afterColourMarkers(piece);
    out.write(piece, from, piece.length - from);
    return out.toByteArray();
  }

  private static boolean ends(byte[] tables) {
    return (tables[tables.length - 2] & 0xFF) == MARKER
        && (tables[tables.length - 1] & 0xFF) == END_OF_IMAGE;
  }

  /// What follows the markers that would say otherwise of the colours.
  private static int afterColourMarkers(byte[] piece) {
    int at = 2;
    while (at + SHORTEST <= piece.length && (piece[at] & 0xFF) == MARKER) {
      int marker = piece[at + 1] & 0xFF;
      if (marker != JFIF && marker != ADOBE) {
        break;
      }
      int length = (piece[at + 2] & 0xFF) << 8 | (piece[at + 3] & 0xFF);
      at = Math.min(piece.length, at + 2 + Math.max(2, length));
    }
    return at;
  }

  /// A JPEG 2000 code stream of three components, or of one.
  ///
  /// @param lumaChroma whether the components are YCbCr and the stream does not say so, else RGB
  /// @param width that the piece should have
  /// @param height that the piece should have
  /// @throws IOException without the file's name, when the piece cannot be decoded
  public RgbImage jpeg2000(byte[] stream, boolean lumaChroma, int width, int height)
      throws IOException {
    Jpeg2000Header.parse(stream).require(width, height);
    byte[] samples =
        jpeg2000.isPresent()
            ? jpeg2000.get().decode(stream, width, height)
            : Jpeg2000Decoder.decode(stream, width, height);
    if (lumaChroma) {
      LumaChroma.toRgb(samples, 3);
    }
    return new RgbImage(width, height, samples);
  }
}
