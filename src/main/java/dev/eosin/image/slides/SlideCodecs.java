package dev.eosin.image.slides;

import dev.eosin.image.RgbImage;
import dev.eosin.image.UnreadableImageException;
import dev.eosin.image.formats.JpegDecoder;
import dev.eosin.image.formats.JpegDecoding;
import dev.eosin.image.formats.LumaChroma;
import dev.eosin.image.formats.TurboJpeg;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/// Decodes the pieces of whole slides, which are no files: JPEG whose tables stand elsewhere, and
/// JPEG 2000 code streams. Thread safe.
///
/// @param jpeg used where it is present; the JDK's libjpeg otherwise, with the same pixels
/// @param jpeg2000 used where it is present; a decoder in Java otherwise, whose samples differ by
///   1, in less than 1 of 1,000 by 2, and which takes several times as long
/// @param openSlide used where it is present, for formats that are not read here
public record SlideCodecs(
    Optional<TurboJpeg> jpeg, Optional<OpenJpeg> jpeg2000, Optional<OpenSlide> openSlide) {
  private static final int MARKER = 0xFF;
  private static final int START_OF_IMAGE = 0xD8;
  private static final int END_OF_IMAGE = 0xD9;
  private static final int START_OF_SCAN = 0xDA;
  private static final int JFIF = 0xE0;
  private static final int ADOBE = 0xEE;
  private static final int SHORTEST = 4;

  /// Decoders in Java alone.
  public static final SlideCodecs JAVA =
      new SlideCodecs(Optional.empty(), Optional.empty(), Optional.empty());

  /// With the libraries that this machine has.
  public static SlideCodecs find() {
    return new SlideCodecs(TurboJpeg.find(), OpenJpeg.find(), OpenSlide.find());
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
    copy(tables, ends(tables) ? tables.length - 2 : tables.length, out);
    copy(piece, piece.length, out);
    return out.toByteArray();
  }

  private static boolean ends(byte[] tables) {
    return tables.length > SHORTEST
        && (tables[tables.length - 2] & 0xFF) == MARKER
        && (tables[tables.length - 1] & 0xFF) == END_OF_IMAGE;
  }

  /// Copies what follows a stream's first marker, without the markers that would say otherwise of
  /// the colours, wherever they stand before the samples.
  private static void copy(byte[] stream, int end, ByteArrayOutputStream out) {
    int at = 2;
    while (at + SHORTEST <= end && (stream[at] & 0xFF) == MARKER) {
      int marker = stream[at + 1] & 0xFF;
      if (marker == START_OF_SCAN || marker == MARKER) {
        break;
      }
      int length = (stream[at + 2] & 0xFF) << 8 | (stream[at + 3] & 0xFF);
      int next = Math.min(end, at + 2 + Math.max(2, length));
      if (marker != JFIF && marker != ADOBE) {
        out.write(stream, at, next - at);
      }
      at = next;
    }
    if (at < end) {
      out.write(stream, at, end - at);
    }
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
