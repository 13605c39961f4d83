package dev.eosin.image.formats;

import dev.eosin.config.DataException;
import dev.eosin.image.Raster;
import dev.eosin.image.UnreadableImageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;

/// Decodes PNG, JPEG, TIFF, WebP, BMP and GIF files into the pixels that Pillow gives: colour
/// profiles are not applied, the format is told by the first bytes and not by the name.
/// docs/formats.md lists what is read and how exactly.
///
/// Stateless and thread safe; one call decodes on the calling thread.
///
/// @param maxPixels width times height above which a file is refused before anything is decoded
/// @param orientation whether EXIF turns the image
/// @param jpeg by which library, and whether at full size
public record ImageDecoder(long maxPixels, ExifOrientation orientation, JpegDecoding jpeg) {
  /// The size at which Pillow starts to warn of a decompression bomb.
  public static final long DEFAULT_MAX_PIXELS = 89_478_485L;

  private static final Pattern UNSUPPORTED =
      Pattern.compile("\\b(unsupported|not supported|unknown tiff)\\b", Pattern.CASE_INSENSITIVE);

  /// Everything at its default, by the JDK's decoders.
  public ImageDecoder() {
    this(DEFAULT_MAX_PIXELS, ExifOrientation.IGNORE, JpegDecoding.JDK);
  }

  /// The same decoder, with every JPEG at its full size.
  public ImageDecoder exact() {
    return new ImageDecoder(maxPixels, orientation, jpeg.exact());
  }

  /// Reads and decodes a file.
  ///
  /// @throws DataException in one line naming the file and the reason: missing, unknown format, too
  ///   large, truncated, corrupt
  public Raster decode(Path file) throws DataException {
    return decode(bytes(file), file.toString());
  }

  /// An image file's bytes.
  ///
  /// @throws DataException in one line naming the file: missing or unreadable
  public static byte[] bytes(Path file) throws DataException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException missing) {
      throw new DataException(file + ": the file does not exist", missing);
    } catch (IOException unreadable) {
      throw new DataException(file + ": cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  /// Decodes a file already in memory.
  ///
  /// @param name stands for the bytes in messages: a file, a shard entry, a table row
  /// @throws DataException as for [#decode(Path)]
  public Raster decode(byte[] bytes, String name) throws DataException {
    try {
      return switch (format(bytes)) {
        case PNG -> upright(PngDecoder.decode(bytes, maxPixels), WrittenOrientation::ofPng, bytes);
        case JPEG ->
            upright(JpegDecoder.decode(bytes, maxPixels, jpeg), WrittenOrientation::ofJpeg, bytes);
        case TIFF -> TiffDecoder.decode(bytes, maxPixels);
        case WEBP ->
            upright(WebpDecoder.decode(bytes, maxPixels), WrittenOrientation::ofWebp, bytes);
        case BMP -> BmpDecoder.decode(bytes, maxPixels);
        case GIF -> GifDecoder.decode(bytes, maxPixels);
      };
    } catch (IOException | RuntimeException broken) {
      // The decoders under us answer malformed files with both kinds of exceptions.
      throw new DataException(name + ": " + reason(broken), broken);
    }
  }

  private Raster upright(Raster image, ToIntFunction<byte[]> written, byte[] bytes) {
    return switch (orientation) {
      case IGNORE -> image;
      case APPLY -> Upright.turn(image, written.applyAsInt(bytes));
    };
  }

  private static String reason(Exception broken) {
    if (broken instanceof UnreadableImageException) {
      return String.valueOf(broken.getMessage());
    }
    Throwable root = broken;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof EOFException) {
      return "truncated image: its data ends too early";
    }
    // What a decoder trips over inside itself says nothing about the file.
    boolean telling = root instanceof IOException && root.getMessage() != null;
    String message = telling ? oneLine(String.valueOf(root.getMessage())) : "";
    if (UNSUPPORTED.matcher(message).find()) {
      return "an image of a kind that is not supported (%s); save it as PNG".formatted(message);
    }
    String detail = message.isEmpty() ? "" : " (" + message + ")";
    return "corrupt image" + detail + "; save it again or replace it";
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("[\\s\\p{Cntrl}]+", " ");
  }

  private enum Format {
    PNG,
    JPEG,
    TIFF,
    WEBP,
    BMP,
    GIF
  }

  private static Format format(byte[] bytes) throws UnreadableImageException {
    if (bytes.length == 0) {
      throw new UnreadableImageException("the file is empty");
    }
    if (startsWith(bytes, 0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A)) {
      return Format.PNG;
    }
    if (startsWith(bytes, 0xFF, 0xD8, 0xFF)) {
      return Format.JPEG;
    }
    if (startsWith(bytes, 'I', 'I', 42, 0)
        || startsWith(bytes, 'M', 'M', 0, 42)
        || startsWith(bytes, 'I', 'I', 43, 0)
        || startsWith(bytes, 'M', 'M', 0, 43)) {
      return Format.TIFF;
    }
    boolean riff = startsWith(bytes, 'R', 'I', 'F', 'F') && bytes.length >= 16;
    if (riff && startsWith(Arrays.copyOfRange(bytes, 8, 12), 'W', 'E', 'B', 'P')) {
      return Format.WEBP;
    }
    if (startsWith(bytes, 'G', 'I', 'F', '8', '7', 'a')
        || startsWith(bytes, 'G', 'I', 'F', '8', '9', 'a')) {
      return Format.GIF;
    }
    if (startsWith(bytes, 'B', 'M')) {
      return Format.BMP;
    }
    throw new UnreadableImageException(
        ForeignFormat.of(bytes)
            .map(ForeignFormat::sentence)
            .orElse("not a PNG, JPEG, TIFF, WebP, BMP or GIF image"));
  }

  private static boolean startsWith(byte[] bytes, int... prefix) {
    if (bytes.length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if ((bytes[i] & 0xFF) != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
