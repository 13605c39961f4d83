package dev.eosin.slide;

import dev.eosin.image.RgbImage;
import java.util.Collection;

/// An overview with its tiles: kept ones framed in green, dropped ones in red.
public final class OverviewPicture {
  private static final int[] GREEN = {0, 150, 60};
  private static final int[] RED = {210, 40, 30};

  private final RgbImage image;
  private final TileSelection selection;

  public OverviewPicture(TileSelection selection) {
    this.selection = selection;
    RgbImage clean = selection.overview().image();
    this.image = new RgbImage(clean.width(), clean.height(), clean.pixels().clone());
  }

  /// Frames tiles.
  ///
  /// @return this
  public OverviewPicture frame(Collection<TilePlan.Place> places, boolean kept) {
    double downsample = selection.overview().downsample();
    for (TilePlan.Place place : places) {
      int left = (int) (place.x() / downsample);
      int top = (int) (place.y() / downsample);
      int right = (int) ((place.x() + selection.plan().width()) / downsample) - 1;
      int bottom = (int) ((place.y() + selection.plan().height()) / downsample) - 1;
      for (int x = left; x <= right; x++) {
        paint(x, top, kept);
        paint(x, bottom, kept);
      }
      for (int y = top; y <= bottom; y++) {
        paint(left, y, kept);
        paint(right, y, kept);
      }
    }
    return this;
  }

  private void paint(int x, int y, boolean kept) {
    if (x >= 0 && y >= 0 && x < image.width() && y < image.height()) {
      int[] colour = kept ? GREEN : RED;
      for (int band = 0; band < 3; band++) {
        image.pixels()[3 * (y * image.width() + x) + band] = (byte) colour[band];
      }
    }
  }

  public RgbImage image() {
    return image;
  }
}
