package dev.eosin.image.formats;

import dev.eosin.image.UnreadableImageException;
import java.util.Arrays;
import java.util.List;

/// What a TIFF file says about the samples of its first image. Where a field is missing its value
/// is the standard's default; a photometric interpretation has none and is then -1.
///
/// @param bits of a sample, the same for all bands
/// @param samples of a pixel, extra ones included
/// @param extras what the extra ones mean: 0 nothing, 1 alpha that is multiplied in, 2 alpha
/// @param sampleFormat 1 whole numbers, 2 signed ones, 3 floating point
/// @param planar whether each band is stored by itself
/// @param predictor 2 where samples are differences from their left neighbours
/// @param tileWidth of a tile or strip, in pixels
/// @param tileHeight of a tile or strip, in pixels
record TiffLayout(
    long width,
    long height,
    int bits,
    int samples,
    List<Long> extras,
    long sampleFormat,
    long photometric,
    long compression,
    boolean planar,
    long predictor,
    long fillOrder,
    boolean tiled,
    long tileWidth,
    long tileHeight) {
  private static final int MOST_SAMPLES = 16;

  /// @throws UnreadableImageException when the size or the number of samples makes no sense
  static TiffLayout of(TiffTags tags) throws UnreadableImageException {
    long width = tags.number(TiffTags.WIDTH).orElse(0);
    long height = tags.number(TiffTags.HEIGHT).orElse(0);
    UnreadableImageException.requireSize(width, height, Long.MAX_VALUE);
    long samples = tags.number(TiffTags.SAMPLES_PER_PIXEL).orElse(1);
    if (samples < 1 || samples > MOST_SAMPLES) {
      throw new UnreadableImageException(
          "a TIFF with %d samples a pixel; 1 to 4 are supported".formatted(samples));
    }
    boolean tiled = tags.number(TiffTags.TILE_WIDTH).isPresent();
    return new TiffLayout(
        width,
        height,
        bits(tags, (int) samples),
        (int) samples,
        Arrays.stream(tags.numbers(TiffTags.EXTRA_SAMPLES, MOST_SAMPLES)).boxed().toList(),
        same(tags.numbers(TiffTags.SAMPLE_FORMAT, (int) samples), 1, "sample formats"),
        tags.number(TiffTags.PHOTOMETRIC).orElse(-1),
        tags.number(TiffTags.COMPRESSION).orElse(1),
        samples > 1 && tags.number(TiffTags.PLANAR).orElse(1) == 2,
        tags.number(TiffTags.PREDICTOR).orElse(1),
        tags.number(TiffTags.FILL_ORDER).orElse(1),
        tiled,
        tiled ? tags.number(TiffTags.TILE_WIDTH).orElse(width) : width,
        tiled
            ? tags.number(TiffTags.TILE_HEIGHT).orElse(height)
            : Math.clamp(tags.number(TiffTags.ROWS_PER_STRIP).orElse(height), 1, height));
  }

  /// Bytes of a row of a tile or strip.
  long rowBytes() {
    return (tileWidth * bits * (planar ? 1 : samples) + 7) / 8;
  }

  /// How many tiles or strips there are in all planes.
  long parts() {
    return across() * down() * (planar ? samples : 1);
  }

  /// Rows of a tile or strip; the last strip has those that are left.
  ///
  /// @param part counts row by row, plane by plane
  long rows(long part) {
    long first = part % (across() * down()) / across() * tileHeight;
    return tiled ? tileHeight : Math.min(tileHeight, height - first);
  }

  private long across() {
    return (width + tileWidth - 1) / tileWidth;
  }

  private long down() {
    return (height + tileHeight - 1) / tileHeight;
  }

  private static int bits(TiffTags tags, int samples) throws UnreadableImageException {
    return (int) same(tags.numbers(TiffTags.BITS_PER_SAMPLE, samples), 1, "depths");
  }

  private static long same(long[] values, long missing, String what)
      throws UnreadableImageException {
    if (values.length == 0) {
      return missing;
    }
    if (Arrays.stream(values).anyMatch(value -> value != values[0])) {
      throw new UnreadableImageException(
          "a TIFF whose bands have different %s: %s; save it with 8 bits in each"
              .formatted(what, Arrays.toString(values)));
    }
    return values[0];
  }
}
