package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.RgbImage;
import dev.eosin.image.slides.SlideCodecs;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// How the samples of a TIFF image stand in its pieces: 8 bits, grey or RGB, in JPEG also YCbCr.
///
/// @param samples of a pixel: 1, 3 or 4, of which a fourth is passed over
/// @param lumaChroma whether the samples are YCbCr
/// @param whiteIsZero whether greys are the other way round
/// @param planar whether each band has pieces of its own
/// @param differences whether each sample is told by its difference from the pixel before
record SampleLayout(
    Packing packing,
    int samples,
    boolean lumaChroma,
    boolean whiteIsZero,
    boolean planar,
    boolean differences) {
  private static final int MOST_SAMPLES = 256;

  /// Deflate's shortest code stands for 258 bytes in two bits, LZW's longest for some 4,000 in 12;
  /// what is packed better than this does not hold what it says.
  private static final int BEST_PACKED = 4096;

  private static final int WHITE_IS_ZERO = 0;
  private static final int BLACK_IS_ZERO = 1;
  private static final int RGB = 2;
  private static final int LUMA_CHROMA = 6;

  /// @throws DataException naming what is not read
  static SampleLayout of(TiffDirectory directory) throws DataException {
    long compression = directory.number(TiffDirectory.COMPRESSION).orElse(1);
    Packing packing =
        Packing.of(compression)
            .orElseThrow(
                () ->
                    unread(
                        directory,
                        "compression %d (read are none, LZW, deflate, JPEG, JPEG 2000)"
                            .formatted(compression)));
    int samples = (int) directory.number(TiffDirectory.SAMPLES).orElse(1);
    int photometric = (int) directory.number(TiffDirectory.PHOTOMETRIC).orElse(-1);
    long format = directory.number(TiffDirectory.SAMPLE_FORMAT).orElse(1);
    for (long bits : directory.numbers(TiffDirectory.BITS, MOST_SAMPLES)) {
      if (bits != 8 || format != 1) {
        throw unread(directory, "samples of %d bits, of format %d".formatted(bits, format));
      }
    }
    if (isBytes(packing)) {
      requireBytes(directory);
    }
    boolean grey = photometric == WHITE_IS_ZERO || photometric == BLACK_IS_ZERO;
    boolean colours = photometric == RGB || photometric == LUMA_CHROMA && !isBytes(packing);
    boolean bands = samples == 3 || samples == 4 && isBytes(packing);
    if (!(grey && samples == 1 || colours && bands)) {
      throw unread(
          directory,
          "%d samples a pixel of photometric interpretation %d".formatted(samples, photometric));
    }
    boolean planar = directory.number(TiffDirectory.PLANAR).orElse(1) == 2 && samples > 1;
    OptionalLong predictor = directory.number(TiffDirectory.PREDICTOR);
    if (predictor.orElse(1) > 2 || planar && !isBytes(packing)) {
      throw unread(directory, "predictor %d, planar %s".formatted(predictor.orElse(1), planar));
    }
    return new SampleLayout(
        packing,
        samples,
        photometric == LUMA_CHROMA,
        photometric == WHITE_IS_ZERO,
        planar,
        predictor.orElse(1) == 2 && packing != Packing.NONE);
  }

  /// Fields that are left out say 1 bit, and the order of bits is not always the usual one.
  private static void requireBytes(TiffDirectory directory) throws DataException {
    long order = directory.number(TiffDirectory.FILL_ORDER).orElse(1);
    if (!directory.has(TiffDirectory.BITS) || order != 1) {
      throw unread(
          directory,
          "samples of %s bits in fill order %d"
              .formatted(directory.has(TiffDirectory.BITS) ? "8" : "1", order));
    }
  }

  private static boolean isBytes(Packing packing) {
    return switch (packing) {
      case NONE, LZW, DEFLATE -> true;
      case JPEG, JPEG_2000_LUMA_CHROMA, JPEG_2000_RGB -> false;
    };
  }

  private static DataException unread(TiffDirectory directory, String what) {
    return new DataException(
        "%s: directory %d has %s, which is not read; save the slide as a tiled TIFF with JPEG, for example with libvips: vips tiffsave x.tif y.tif --tile --pyramid --compression jpeg"
            .formatted(directory.file().path(), directory.number(), what));
  }

  /// How many pieces stand in one place.
  int planes() {
    return planar ? samples : 1;
  }

  /// @param packed a piece, or one for each band
  /// @param height of a whole piece
  /// @param high rows of it that lie inside of the image: the last strip may end there
  RgbImage unpack(
      byte[][] packed, byte[] tables, int width, int height, int high, SlideCodecs codecs)
      throws IOException {
    return switch (packing) {
      case JPEG -> flipped(codecs.jpeg(tables, packed[0], lumaChroma, (long) width * height));
      case JPEG_2000_LUMA_CHROMA -> flipped(codecs.jpeg2000(packed[0], !grey(), width, height));
      case JPEG_2000_RGB -> flipped(codecs.jpeg2000(packed[0], lumaChroma, width, height));
      case NONE, LZW, DEFLATE -> plain(packed, width, high);
    };
  }

  private boolean grey() {
    return samples == 1;
  }

  /// Greys of which white is zero, the usual way round.
  private RgbImage flipped(RgbImage image) {
    if (!whiteIsZero) {
      return image;
    }
    byte[] pixels = image.pixels().clone();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] ^= (byte) 0xFF;
    }
    return new RgbImage(image.width(), image.height(), pixels);
  }

  private RgbImage plain(byte[][] packed, int width, int high) throws IOException {
    int bands = planar ? 1 : samples;
    for (byte[] plane : packed) {
      if ((long) width * high * bands > (plane.length + 64L) * BEST_PACKED) {
        throw new IOException(
            "corrupt piece: its %d bytes cannot hold %d x %d px"
                .formatted(plane.length, width, high));
      }
    }
    if (bands == 3 && !whiteIsZero) {
      return new RgbImage(width, high, samples(packed[0], width, high, bands));
    }
    byte[] pixels = new byte[3 * width * high];
    for (int plane = 0; plane < packed.length; plane++) {
      spread(samples(packed[plane], width, high, bands), bands, plane, pixels);
    }
    return new RgbImage(width, high, pixels);
  }

  private byte[] samples(byte[] packed, int width, int high, int bands) throws IOException {
    byte[] bytes = bytes(packed, width * high * bands);
    if (differences) {
      undo(bytes, width * bands, bands);
    }
    return bytes;
  }

  private void spread(byte[] bytes, int bands, int plane, byte[] pixels) {
    int flip = whiteIsZero ? 0xFF : 0;
    for (int pixel = 0; pixel < pixels.length / 3; pixel++) {
      if (planar) {
        if (plane < 3) {
          pixels[3 * pixel + plane] = bytes[pixel];
        }
        continue;
      }
      for (int band = 0; band < 3; band++) {
        int at = pixel * bands + Math.min(band, bands - 1);
        pixels[3 * pixel + band] = (byte) (bytes[at] ^ flip);
      }
    }
  }

  private byte[] bytes(byte[] packed, int length) throws IOException {
    return switch (packing) {
      case LZW -> LzwBytes.unpack(packed, length);
      case DEFLATE -> inflated(packed, length);
      default -> {
        if (packed.length < length) {
          throw new IOException("truncated piece: %d of %d bytes".formatted(packed.length, length));
        }
        yield Arrays.copyOf(packed, length);
      }
    };
  }

  private static byte[] inflated(byte[] packed, int length) throws IOException {
    byte[] out = new byte[length];
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(packed);
      int at = 0;
      while (at < length) {
        int count = inflater.inflate(out, at, length - at);
        if (count == 0) {
          throw new IOException("truncated piece: its deflated bytes end too early");
        }
        at += count;
      }
      return out;
    } catch (DataFormatException e) {
      throw new IOException("corrupt piece: its deflated bytes are broken", e);
    } finally {
      inflater.end();
    }
  }

  private static void undo(byte[] bytes, int rowBytes, int bands) {
    for (int row = 0; row + rowBytes <= bytes.length; row += rowBytes) {
      for (int i = bands; i < rowBytes; i++) {
        bytes[row + i] += bytes[row + i - bands];
      }
    }
  }
}
