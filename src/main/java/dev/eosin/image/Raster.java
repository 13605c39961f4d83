package dev.eosin.image;

/// A decoded image in the colour mode of its file.
///
/// open_clip resizes in the file's mode and converts to RGB afterwards, Hugging Face converts
/// first; the two differ for every mode but RGB, so decoding keeps the mode.
public sealed interface Raster permits RgbImage, Raster.Bands, Raster.Paletted, Raster.Grey16 {
  /// In pixels, at least 1.
  int width();

  /// In pixels, at least 1.
  int height();

  /// What Pillow's `convert("RGB")` gives: alpha is dropped (not blended), CMYK goes through `255 -
  /// k` without a colour profile, CIELAB becomes sRGB, 16-bit grey is clipped at 255.
  RgbImage toRgb();

  /// The meaning of the interleaved bands of a pixel.
  enum Mode {
    GREY(1),
    GREY_ALPHA(2),
    RGB_ALPHA(4),
    /// Ink amounts: 255 is full ink.
    CMYK(4),
    /// CIELAB (D50): L* times 2.55, a* and b* plus 128.
    LAB(3);

    private final int bands;

    Mode(int bands) {
      this.bands = bands;
    }

    /// Bytes of one pixel.
    public int bands() {
      return bands;
    }
  }

  /// 8 bits a band, every mode but plain RGB.
  ///
  /// @param samples [height, width, bands] uint8, owned by this image
  @SuppressWarnings("ArrayRecordComponent") // a pixel buffer: identity equality is meant
  record Bands(Mode mode, int width, int height, byte[] samples) implements Raster {
    public Bands {
      requireSamples(width, height, mode.bands, samples.length);
    }

    @Override
    public RgbImage toRgb() {
      return new RgbImage(width, height, ModeConversion.toRgb(mode, samples));
    }
  }

  /// Indices into a colour table; also two-level images. Resized by nearest index.
  ///
  /// @param indices [height, width] uint8, owned by this image
  /// @param palette [256, 3] uint8, owned by this image
  @SuppressWarnings("ArrayRecordComponent") // a pixel buffer: identity equality is meant
  record Paletted(int width, int height, byte[] indices, byte[] palette) implements Raster {
    public Paletted {
      requireSamples(width, height, 1, indices.length);
      if (palette.length != 3 * 256) {
        throw new IllegalArgumentException(
            "a palette has 256 x 3 bytes, got %d".formatted(palette.length));
      }
    }

    @Override
    public RgbImage toRgb() {
      return new RgbImage(width, height, ModeConversion.lookUp(indices, palette));
    }

    /// The same image without a table, where the table holds nothing but greys.
    public Bands toGrey() {
      return new Bands(Mode.GREY, width, height, ModeConversion.firstBand(indices, palette));
    }
  }

  /// 16-bit grey.
  ///
  /// @param samples [height, width] unsigned 16 bit, owned by this image
  @SuppressWarnings("ArrayRecordComponent") // a pixel buffer: identity equality is meant
  record Grey16(int width, int height, short[] samples) implements Raster {
    public Grey16 {
      requireSamples(width, height, 1, samples.length);
    }

    @Override
    public RgbImage toRgb() {
      return new RgbImage(width, height, ModeConversion.clipToRgb(samples));
    }
  }

  /// Checks a buffer's length.
  ///
  /// @throws IllegalArgumentException when `found` is not `width * height * bands`
  static void requireSamples(int width, int height, int bands, int found) {
    if (width < 1 || height < 1 || found != (long) bands * width * height) {
      throw new IllegalArgumentException(
          "an image of %d x %d px with %d bands needs %d samples, got %d"
              .formatted(width, height, bands, (long) bands * width * height, found));
    }
  }
}
