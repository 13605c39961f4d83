package dev.eosin.data.synthetic;

/// Amounts of the two stains per pixel, painted in tissue coordinates: units of about half a
/// micrometre, origin in the middle of the tile, turned and magnified as the tile is.
final class Canvas {
  /// Tissue units along the side of a 224 px tile at zoom 1.
  private static final double UNITS_AT_224 = 224;

  private final int size;
  private final double pixelsPerUnit;
  private final double cosine;
  private final double sine;
  private final float[] haematoxylin;
  private final float[] eosin;

  /// @param size of the square tile in pixels
  Canvas(int size, double zoom, double rotation) {
    this.size = size;
    // A small tile shows less tissue, not only smaller nuclei: the exponent shares it out.
    double units = UNITS_AT_224 * StrictMath.pow(size / UNITS_AT_224, 0.45) / zoom;
    this.pixelsPerUnit = size / units;
    this.cosine = StrictMath.cos(rotation);
    this.sine = StrictMath.sin(rotation);
    this.haematoxylin = new float[size * size];
    this.eosin = new float[size * size];
  }

  /// Paints one pixel.
  @FunctionalInterface
  interface Brush {
    /// @param pixel its index
    /// @param cover how much of the pixel the shape covers, in (0, 1]
    /// @param depth 0 in the middle of the shape, 1 on its outline
    /// @param x tissue coordinate
    /// @param y tissue coordinate
    void paint(int pixel, double cover, double depth, double x, double y);
  }

  int size() {
    return size;
  }

  float[] haematoxylin() {
    return haematoxylin;
  }

  float[] eosin() {
    return eosin;
  }

  /// Distance from the middle within which every visible point lies.
  double reach() {
    return size / pixelsPerUnit * Math.sqrt(0.5);
  }

  /// Whether any pixel lies within `margin` units of a point, along the rows or the columns.
  boolean sees(double x, double y, double margin) {
    double span = size * 0.5 + margin * pixelsPerUnit;
    return Math.abs(cosine * x - sine * y) * pixelsPerUnit < span
        && Math.abs(sine * x + cosine * y) * pixelsPerUnit < span;
  }

  /// Mixes the stains at a pixel towards the given amounts.
  void cover(int pixel, double share, double blue, double pink) {
    haematoxylin[pixel] += (float) (share * (blue - haematoxylin[pixel]));
    eosin[pixel] += (float) (share * (pink - eosin[pixel]));
  }

  /// Adds stain at a pixel.
  void add(int pixel, double blue, double pink) {
    haematoxylin[pixel] += (float) blue;
    eosin[pixel] += (float) pink;
  }

  /// Paints every pixel; cover is 1, depth 0.
  void fill(Brush brush) {
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        double right = (column + 0.5 - size * 0.5) / pixelsPerUnit;
        double down = (row + 0.5 - size * 0.5) / pixelsPerUnit;
        double x = cosine * right + sine * down;
        double y = -sine * right + cosine * down;
        brush.paint(row * size + column, 1, 0, x, y);
      }
    }
  }

  /// Paints a soft-edged ellipse.
  ///
  /// @param angle of the first radius against the x axis, in radians
  /// @param softness width of the edge in units
  void ellipse(
      double x, double y, double along, double across, double angle, double softness, Brush brush) {
    double reach = Math.max(along, across) + softness;
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    double shorter = Math.min(along, across);
    double edge = Math.max(softness, 0.8 / pixelsPerUnit);
    around(
        x,
        y,
        reach,
        (pixel, cover, depth, px, py) -> {
          double dx = px - x;
          double dy = py - y;
          double u = (cos * dx + sin * dy) / along;
          double v = (cos * dy - sin * dx) / across;
          double radius = Math.sqrt(u * u + v * v);
          double inside = 0.5 - (radius - 1) * shorter / edge;
          if (inside > 0) {
            brush.paint(pixel, Math.min(inside, 1), radius, px, py);
          }
        });
  }

  /// Visits the pixels whose centres lie in a square around a point.
  void around(double x, double y, double reach, Brush brush) {
    double middleColumn = size * 0.5 + (cosine * x - sine * y) * pixelsPerUnit;
    double middleRow = size * 0.5 + (sine * x + cosine * y) * pixelsPerUnit;
    double span = reach * pixelsPerUnit;
    int firstRow = (int) Math.max(0, Math.floor(middleRow - span));
    int lastRow = (int) Math.min(size - 1, Math.ceil(middleRow + span));
    int firstColumn = (int) Math.max(0, Math.floor(middleColumn - span));
    int lastColumn = (int) Math.min(size - 1, Math.ceil(middleColumn + span));
    for (int row = firstRow; row <= lastRow; row++) {
      for (int column = firstColumn; column <= lastColumn; column++) {
        double right = (column + 0.5 - middleColumn) / pixelsPerUnit;
        double down = (row + 0.5 - middleRow) / pixelsPerUnit;
        double px = x + cosine * right + sine * down;
        double py = y - sine * right + cosine * down;
        brush.paint(row * size + column, 1, 0, px, py);
      }
    }
  }
}
