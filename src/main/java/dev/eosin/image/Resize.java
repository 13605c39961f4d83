package dev.eosin.image;

/// Resizing equal to Pillow's `Image.resize` to the last bit: antialiased, horizontal pass first,
/// palette images by nearest index, alpha premultiplied while it is resized.
///
/// @param from what is resized: edges act like the edges of an image (Pillow's `crop` before it)
/// @param width of the whole result, in pixels
/// @param height of the whole result, in pixels
/// @param keep the part of the result that is computed and returned (Pillow's `crop` after it)
public record Resize(Window from, int width, int height, Window keep, Filter filter) {
  public Resize {
    if (!keep.fitsInto(width, height)) {
      throw new IllegalArgumentException(
          "cannot keep %s of an image of %d x %d px".formatted(keep, width, height));
    }
  }

  /// Resizes a whole image of `fromWidth` x `fromHeight` px and keeps all of it.
  public static Resize whole(int fromWidth, int fromHeight, int width, int height, Filter filter) {
    return new Resize(
        Window.whole(fromWidth, fromHeight), width, height, Window.whole(width, height), filter);
  }

  /// The result, in the colour mode of the image, of the size of `keep`.
  ///
  /// @throws IllegalArgumentException when `from` does not lie inside the image
  public Raster apply(Raster image) {
    if (!from.fitsInto(image.width(), image.height())) {
      throw new IllegalArgumentException(
          "%s is not inside an image of %d x %d px".formatted(from, image.width(), image.height()));
    }
    return switch (image) {
      case RgbImage rgb ->
          new RgbImage(keep.width(), keep.height(), resample(rgb.pixels(), rgb.width(), 3));
      case Raster.Bands bands ->
          new Raster.Bands(bands.mode(), keep.width(), keep.height(), resample(bands));
      case Raster.Paletted paletted ->
          new Raster.Paletted(
              keep.width(), keep.height(), nearest(paletted), paletted.palette().clone());
      case Raster.Grey16 grey -> new Raster.Grey16(keep.width(), keep.height(), resample(grey));
    };
  }

  private byte[] resample(Raster.Bands image) {
    int bands = image.mode().bands();
    boolean alpha =
        switch (image.mode()) {
          case GREY_ALPHA, RGB_ALPHA -> true;
          case GREY, CMYK, LAB -> false;
        };
    if (!alpha || (keepsWidth() && keepsHeight())) {
      return resample(image.samples(), image.width(), bands);
    }
    byte[] premultiplied = ModeConversion.premultiply(image.samples(), bands);
    byte[] result = resample(premultiplied, image.width(), bands);
    ModeConversion.unpremultiply(result, bands);
    return result;
  }

  private boolean keepsWidth() {
    return from.width() == width;
  }

  private boolean keepsHeight() {
    return from.height() == height;
  }

  private byte[] resample(byte[] samples, int imageWidth, int bands) {
    if (keepsWidth() && keepsHeight()) {
      return cropped(samples, imageWidth, bands);
    }
    return BytePasses.resize(samples, imageWidth, bands, from, columns(), rows());
  }

  /// Pillow skips a pass that would not change the size; both weights and result agree with that.
  private byte[] cropped(byte[] samples, int imageWidth, int bands) {
    int rowLength = keep.width() * bands;
    byte[] result = new byte[keep.height() * rowLength];
    for (int y = 0; y < keep.height(); y++) {
      int row = from.top() + keep.top() + y;
      int in = (row * imageWidth + from.left() + keep.left()) * bands;
      System.arraycopy(samples, in, result, y * rowLength, rowLength);
    }
    return result;
  }

  private short[] resample(Raster.Grey16 image) {
    AxisWeights rows = rows();
    int firstRow = from.top() + rows.firstSource();
    int rowCount = rows.endSource() - rows.firstSource();
    short[] narrow =
        ShortPasses.horizontal(
            image.samples(), image.width(), from.left(), firstRow, rowCount, columns());
    return ShortPasses.vertical(narrow, keep.width(), -rows.firstSource(), rows);
  }

  private AxisWeights rows() {
    return AxisWeights.of(from.height(), height, keep.top(), keep.height(), filter);
  }

  private AxisWeights columns() {
    return AxisWeights.of(from.width(), width, keep.left(), keep.width(), filter);
  }

  private byte[] nearest(Raster.Paletted image) {
    int[] columns = nearestSources(from.width(), width, keep.left(), keep.width());
    int[] rows = nearestSources(from.height(), height, keep.top(), keep.height());
    byte[] result = new byte[keep.width() * keep.height()];
    for (int y = 0; y < rows.length; y++) {
      int in = (from.top() + rows[y]) * image.width() + from.left();
      for (int x = 0; x < columns.length; x++) {
        result[y * columns.length + x] = image.indices()[in + columns[x]];
      }
    }
    return result;
  }

  /// The position is summed up step by step, not multiplied: Pillow does, and it decides ties.
  private static int[] nearestSources(int inputSize, int outputSize, int first, int kept) {
    double step = (double) inputSize / outputSize;
    double position = step * 0.5;
    int[] sources = new int[kept];
    for (int i = 0; i < first + kept; i++) {
      if (i >= first) {
        sources[i - first] = Math.min((int) position, inputSize - 1);
      }
      position += step;
    }
    return sources;
  }
}
