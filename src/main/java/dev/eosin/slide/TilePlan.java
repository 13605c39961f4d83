package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.ColourProfile;
import dev.eosin.image.Filter;
import dev.eosin.image.Resize;
import dev.eosin.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How tiles are cut of one slide: from which level, how large there, and where.
///
/// A tile is read from the smallest level whose pixels are at most as large as the tile's (a
/// hundredth more is let pass, so that 0.499 counts as 0.5), at the level's pixel nearest to its
/// place, and resized where its size there is another.
///
/// @param level that tiles are read from
/// @param size of a tile as it is written, in pixels
/// @param readWidth of a tile on that level, in pixels
/// @param readHeight of a tile on that level, in pixels
/// @param width of a tile in pixels of level 0
/// @param height of a tile in pixels of level 0
/// @param stepX from tile to tile in pixels of level 0
/// @param stepY from tile to tile in pixels of level 0
/// @param pixel what a pixel of level 0 measures, where that had to be known
/// @param profile by which pixels become sRGB, where that is wanted and the slide has one
public record TilePlan(
    int level,
    int size,
    int readWidth,
    int readHeight,
    double width,
    double height,
    double stepX,
    double stepY,
    Filter filter,
    Optional<PixelSize> pixel,
    Optional<ColourProfile> profile) {
  private static final double TOLERANCE = 1.01;
  private static final double MOST_PLACES = 1 << 24;

  /// Where a tile lies: its upper left corner in pixels of level 0.
  public record Place(int x, int y) {}

  /// @param table what the user says of the slide's pixels
  /// @throws DataException when nobody says what a pixel measures, or tiles would have to be
  ///   magnified
  public static TilePlan of(Slide slide, Optional<PixelSize> table, TilingSettings settings)
      throws DataException {
    int size = settings.size().value();
    double moved = size - settings.overlapPixels();
    if (settings.level0().isPresent()) {
      double side = settings.level0().get().value();
      double step = Math.max(1, side * moved / size);
      return of(slide, settings, side, side, step, step, Optional.empty());
    }
    Optional<PixelSize> fallback = settings.defaultMpp().map(PixelSize::ofDefault);
    PixelSize pixel = pixelSize(slide, table, fallback, settings.objectivePower());
    if (settings.mpp().isPresent()) {
      double acrossX = settings.mpp().get() / pixel.x();
      double acrossY = settings.mpp().get() / pixel.y();
      requireNoMagnifying(slide, Math.min(acrossX, acrossY), pixel, settings.mpp().get() + " um");
      return of(
          slide,
          settings,
          size * acrossX,
          size * acrossY,
          moved * acrossX,
          moved * acrossY,
          Optional.of(pixel));
    }
    return ofMagnification(slide, settings, pixel);
  }

  private static PixelSize pixelSize(
      Slide slide, Optional<PixelSize> table, Optional<PixelSize> fallback, boolean objective)
      throws DataException {
    try {
      return PixelSize.of(slide, table, objective);
    } catch (DataException missing) {
      return fallback.orElseThrow(() -> missing);
    }
  }

  /// As TRIDENT cuts, which divides whole numbers.
  private static TilePlan ofMagnification(Slide slide, TilingSettings settings, PixelSize pixel)
      throws DataException {
    int target = settings.magnificationCompat().orElseThrow();
    int power =
        Magnification.of(pixel.x())
            .orElseThrow(
                () ->
                    new DataException(
                        "%s: pixels of %s are coarser than 5x, which magnification-compat has no class for; use mpp"
                            .formatted(slide.path(), pixel)));
    requireNoMagnifying(slide, (double) power / target, pixel, target + "x");
    int side = settings.size().value() * power / target;
    int step = side - settings.overlapPixels() * power / target;
    return of(
        slide, settings, side, side, Math.max(1, step), Math.max(1, step), Optional.of(pixel));
  }

  private static void requireNoMagnifying(
      Slide slide, double downsample, PixelSize pixel, String target) throws DataException {
    if (downsample * TOLERANCE < 1) {
      throw new TooCoarseException(
          "%s: its pixels measure %s; tiles of %s a pixel would be magnified; choose a coarser size"
              .formatted(slide.path(), pixel, target));
    }
  }

  private static TilePlan of(
      Slide slide,
      TilingSettings settings,
      double width,
      double height,
      double stepX,
      double stepY,
      Optional<PixelSize> pixel)
      throws DataException {
    int size = settings.size().value();
    int level = slide.levelFor(Math.min(width, height) / size * TOLERANCE);
    double downsample = slide.levels().get(level).downsample();
    return new TilePlan(
        level,
        size,
        (int) Math.max(1, Math.round(width / downsample)),
        (int) Math.max(1, Math.round(height / downsample)),
        width,
        height,
        stepX,
        stepY,
        settings.resize(),
        pixel,
        settings.icc() == TilingSettings.Icc.APPLY ? slide.profile() : Optional.empty());
  }

  /// The places of all tiles that lie inside of the slide, row by row.
  ///
  /// @throws DataException when they are more than any slide's
  public List<Place> grid(Slide slide) throws DataException {
    double count = (slide.width() / stepX) * (slide.height() / stepY);
    if (count > MOST_PLACES) {
      throw new DataException(
          String.format(
              Locale.ROOT,
              "%s: has %d x %d px, about %.0f tiles of %d px; at most %.0f are cut of one slide:"
                  + " cut larger or coarser tiles, or the file is corrupt",
              slide.path(),
              slide.width(),
              slide.height(),
              count,
              size,
              MOST_PLACES));
    }
    List<Place> places = new ArrayList<>();
    for (int row = 0; fits(slide, 0, Math.round(row * stepY)); row++) {
      int y = (int) Math.round(row * stepY);
      for (int column = 0; fits(slide, Math.round(column * stepX), y); column++) {
        places.add(new Place((int) Math.round(column * stepX), y));
      }
    }
    return places;
  }

  /// Whether a tile at this place lies inside of the slide, on level 0 and on the level it is read
  /// from.
  public boolean fits(Slide slide, long x, long y) {
    Slide.Level from = slide.levels().get(level);
    return x >= 0
        && y >= 0
        && x + width < slide.width() + 0.5
        && y + height < slide.height() + 0.5
        && from.at(x) + readWidth <= from.width()
        && from.at(y) + readHeight <= from.height();
  }

  /// Cuts a tile.
  ///
  /// @return of `size` x `size` px
  /// @throws DataException when a part of it cannot be read
  public RgbImage read(Slide slide, Place place) throws DataException {
    Slide.Level from = slide.levels().get(level);
    RgbImage read =
        slide.read(level, from.at(place.x()), from.at(place.y()), readWidth, readHeight);
    RgbImage image = profile.isPresent() ? profile.get().toStandard(read) : read;
    return readWidth == size && readHeight == size
        ? image
        : Resize.whole(readWidth, readHeight, size, size, filter).apply(image).toRgb();
  }

  /// In words.
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d px tiles are %.3f x %.3f px of level 0, read as %d x %d px from level %d%s",
        size,
        width,
        height,
        readWidth,
        readHeight,
        level,
        pixel.map(found -> "; a pixel measures " + found).orElse(""));
  }
}
