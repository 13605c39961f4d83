package dev.eosin.prepare;

import dev.eosin.data.Sample;
import dev.eosin.image.Filter;
import dev.eosin.image.Raster;
import dev.eosin.image.Resize;
import dev.eosin.image.RgbImage;
import dev.eosin.page.Excerpt;
import dev.eosin.page.Html;
import dev.eosin.page.Tiles;
import dev.eosin.page.Tiles.Frame;
import dev.eosin.page.Tiles.Tile;
import dev.eosin.prepare.ShownRows.Shown;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Rows on a page for people, each with its picture.
public final class ShownTiles {
  private static final int SIDE = 160;

  private ShownTiles() {}

  /// The rows side by side, with what was said of each below it.
  public static Html of(List<Shown> rows, RowPictures pictures, Frame frame) {
    return rows.isEmpty()
        ? Html.of("p", "None is shown.")
        : Tiles.of(rows.stream().map(row -> tile(row, pictures, frame)).toList());
  }

  private static Tile tile(Shown row, RowPictures pictures, Frame frame) {
    List<String> lines = new ArrayList<>(List.of(Excerpt.of(row.caption())));
    if (!row.detail().isEmpty()) {
      lines.add("Why: " + Excerpt.of(row.detail()));
    }
    String name = Excerpt.name(row.row().key());
    lines.add(name);
    return new Tile(picture(row, pictures), "image of " + name, lines, frame);
  }

  /// Small; empty where it cannot be read, which a step may have said already.
  static Optional<RgbImage> picture(Shown row, RowPictures pictures) {
    try {
      Optional<Sample.ImageReader> reader = pictures.of(row.row());
      return reader.isEmpty() ? Optional.empty() : Optional.of(small(reader.get().read()));
    } catch (IOException | IllegalArgumentException unreadable) {
      return Optional.empty();
    }
  }

  /// A picture of at most 160 pixels a side.
  public static RgbImage small(Raster image) {
    return small(image, SIDE);
  }

  /// A picture of at most so many pixels a side.
  public static RgbImage small(Raster image, int side) {
    double scale = Math.min(1, (double) side / Math.max(image.width(), image.height()));
    int width = Math.max(1, (int) Math.round(scale * image.width()));
    int height = Math.max(1, (int) Math.round(scale * image.height()));
    return Resize.whole(image.width(), image.height(), width, height, Filter.BILINEAR)
        .apply(image)
        .toRgb();
  }

  /// A cell of a table with a bar as long as a share.
  public static void bar(Html html, double share) {
    String width = String.format(Locale.ROOT, "%.1f", 100 * share);
    html.open("td", "class", "share", "style", "min-width: min(16rem, 25vw)");
    html.open("div", "style", "background: var(--soft)");
    html.open(
        "div", "style", "background: var(--accent); height: .8rem; width: %s%%".formatted(width));
    html.close("div").close("div").element("small", width + " %").close("td");
  }
}
