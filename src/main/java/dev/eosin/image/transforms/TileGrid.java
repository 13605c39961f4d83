package dev.eosin.image.transforms;

import dev.eosin.image.Filter;
import dev.eosin.image.Resize;
import dev.eosin.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/// How an image of any size is laid on a few tiles of one size: on the grid of a list that loses
/// least of it, resized with its aspect kept, black around it.
///
/// Source: LLaVA-NeXT's `select_best_resolution` and `resize_and_pad_image` (`mm_utils.py`), with
/// PA-LLaVA's grids.
///
/// @param tile side of a tile in pixels
/// @param grids that are tried, in this order
public record TileGrid(int tile, List<Grid> grids) {
  /// @param columns tiles side by side
  /// @param rows tiles above each other
  public record Grid(int columns, int rows) {
    /// Tiles of an image.
    public int tiles() {
      return columns * rows;
    }
  }

  /// Where an image lies on its grid's canvas, all in pixels.
  ///
  /// @param grid that the image is laid on
  /// @param width of the resized image
  /// @param height of the resized image
  /// @param left of the resized image on the canvas
  /// @param top of the resized image on the canvas
  public record Placement(Grid grid, int width, int height, int left, int top) {}

  /// @throws IllegalArgumentException without a grid
  public TileGrid {
    grids = List.copyOf(grids);
    if (grids.isEmpty() || tile < 1) {
      throw new IllegalArgumentException(
          "%d grids of tiles of %d px".formatted(grids.size(), tile));
    }
  }

  /// PA-LLaVA's 15 grids of 4 to 8 tiles.
  public static TileGrid paLlava(int tile) {
    List<Grid> grids = new ArrayList<>();
    for (int count = 4; count <= 8; count++) {
      for (int columns = 1; columns <= count; columns++) {
        if (count % columns == 0) {
          grids.add(new Grid(columns, count / columns));
        }
      }
    }
    return new TileGrid(tile, grids);
  }

  /// The grid on which most pixels of an image tell something; of equal ones that with least black,
  /// then the first.
  ///
  /// @param width of the image in pixels
  /// @param height of the image in pixels
  public Grid choose(int width, int height) {
    Grid best = grids.getFirst();
    long most = -1;
    long least = Long.MAX_VALUE;
    for (Grid grid : grids) {
      int canvasWidth = grid.columns() * tile;
      int canvasHeight = grid.rows() * tile;
      double scale = Math.min((double) canvasWidth / width, (double) canvasHeight / height);
      long resized = (long) (width * scale) * (long) (height * scale);
      long effective = Math.min(resized, (long) width * height);
      long waste = (long) canvasWidth * canvasHeight - effective;
      if (effective > most || (effective == most && waste < least)) {
        best = grid;
        most = effective;
        least = waste;
      }
    }
    return best;
  }

  /// Where an image is laid.
  ///
  /// @param width of the image in pixels
  /// @param height of the image in pixels
  public Placement place(int width, int height) {
    Grid grid = choose(width, height);
    int canvasWidth = grid.columns() * tile;
    int canvasHeight = grid.rows() * tile;
    double across = (double) canvasWidth / width;
    double down = (double) canvasHeight / height;
    int resizedWidth = canvasWidth;
    int resizedHeight = canvasHeight;
    if (across < down) {
      resizedHeight = Math.min((int) Math.ceil(height * across), canvasHeight);
    } else {
      resizedWidth = Math.min((int) Math.ceil(width * down), canvasWidth);
    }
    return new Placement(
        grid,
        resizedWidth,
        resizedHeight,
        (canvasWidth - resizedWidth) / 2,
        (canvasHeight - resizedHeight) / 2);
  }

  /// The image on its canvas.
  public RgbImage canvas(RgbImage image) {
    Placement placement = place(image.width(), image.height());
    RgbImage resized = resized(image, placement.width(), placement.height());
    int width = placement.grid().columns() * tile;
    int height = placement.grid().rows() * tile;
    byte[] pixels = new byte[3 * width * height];
    for (int y = 0; y < resized.height(); y++) {
      int to = 3 * ((placement.top() + y) * width + placement.left());
      int row = 3 * resized.width();
      System.arraycopy(resized.pixels(), y * row, pixels, to, row);
    }
    return new RgbImage(width, height, pixels);
  }

  /// The tiles of an image, row by row.
  public List<RgbImage> tiles(RgbImage image) {
    Grid grid = choose(image.width(), image.height());
    RgbImage canvas = canvas(image);
    List<RgbImage> tiles = new ArrayList<>();
    for (int row = 0; row < grid.rows(); row++) {
      for (int column = 0; column < grid.columns(); column++) {
        tiles.add(part(canvas, column * tile, row * tile));
      }
    }
    return tiles;
  }

  private RgbImage part(RgbImage canvas, int left, int top) {
    byte[] pixels = new byte[3 * tile * tile];
    for (int y = 0; y < tile; y++) {
      int from = 3 * ((top + y) * canvas.width() + left);
      System.arraycopy(canvas.pixels(), from, pixels, 3 * y * tile, 3 * tile);
    }
    return new RgbImage(tile, tile, pixels);
  }

  /// The whole image as one tile, whatever its aspect.
  public RgbImage squashed(RgbImage image) {
    return resized(image, tile, tile);
  }

  private static RgbImage resized(RgbImage image, int width, int height) {
    return Resize.whole(image.width(), image.height(), width, height, Filter.BICUBIC)
        .apply(image)
        .toRgb();
  }
}
