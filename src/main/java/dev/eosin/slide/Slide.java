package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.ColourProfile;
import dev.eosin.image.RgbImage;
import dev.eosin.image.SlideCodecs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A whole slide: levels of pixels, each smaller than the one before, and pictures beside them.
/// Reads SVS, TIFF, BigTIFF and OME-TIFF, tiled or in strips, packed by JPEG, JPEG 2000, LZW,
/// deflate or not at all. Pixels are the file's own: its colour profile is not applied. Thread
/// safe.
///
/// Places on a level are whole pixels of that level, where reading is exact: the pixels are those
/// of OpenSlide where it is asked for the same place. OpenSlide is asked in pixels of level 0;
/// where they divided by the level's downsample are no whole number, it interpolates, and
/// [Level#at] says which pixels are read here.
public final class Slide implements AutoCloseable {
  private static final long CACHE_BYTES = 48L << 20;
  private static final long MOST_PIXELS = Integer.MAX_VALUE / 3 - 8;
  private static final int HEAD = 256;
  private static final int LONGEST_PROFILE = 16 << 20;

  private final SlideFile file;
  private final TiffSlide tiff;
  private final SlideCodecs codecs;
  private final List<Level> levels;
  private final PieceCache cache;

  private Slide(SlideFile file, TiffSlide tiff, SlideCodecs codecs, long cacheBytes) {
    this.cache = new PieceCache(cacheBytes);
    this.file = file;
    this.tiff = tiff;
    this.codecs = codecs;
    Pieces first = tiff.levels().getFirst();
    List<Level> found = new ArrayList<>();
    for (Pieces level : tiff.levels()) {
      double across = (double) first.width() / level.width();
      double down = (double) first.height() / level.height();
      found.add(new Level(level.width(), level.height(), (across + down) / 2));
    }
    this.levels = List.copyOf(found);
  }

  /// @param width in pixels
  /// @param height in pixels
  /// @param downsample how many pixels of level 0 one pixel is wide: the mean over both axes, as
  ///   OpenSlide has it
  public record Level(int width, int height, double downsample) {
    /// The pixel of this level that is nearest to a place on level 0, halves away from 0.
    public int at(long place) {
      return Math.toIntExact(Math.round(place / downsample));
    }
  }

  /// Opens a slide and checks its structure; no pixel is decoded.
  ///
  /// @throws DataException in one line naming the file: missing, broken, or of a kind that is not
  ///   read, with what helps
  public static Slide open(Path path, SlideCodecs codecs) throws DataException {
    return open(path, codecs, CACHE_BYTES);
  }

  /// As [#open(Path, SlideCodecs)], for many slides that are open together.
  ///
  /// @param cacheBytes of decoded pixels that are kept for the next tile
  public static Slide open(Path path, SlideCodecs codecs, long cacheBytes) throws DataException {
    SlideFile file = SlideFile.open(path);
    try {
      byte[] head = file.read(0, Math.min(HEAD, file.size()), "the header");
      if (!TiffDirectories.begins(head)) {
        throw UnreadSlides.of(path, head);
      }
      return new Slide(file, TiffSlide.of(file), codecs, cacheBytes);
    } catch (DataException | RuntimeException e) {
      try (file) {
        throw e;
      }
    }
  }

  /// Whether it can be read: a thread that is interrupted while it reads closes it for all.
  public boolean isOpen() {
    return file.isOpen();
  }

  public Path path() {
    return file.path();
  }

  /// Largest first.
  public List<Level> levels() {
    return levels;
  }

  public int width() {
    return levels.getFirst().width();
  }

  public int height() {
    return levels.getFirst().height();
  }

  /// What the file says of itself, by the names that its vendor gives.
  public Map<String, String> properties() {
    return SlideProperties.of(tiff);
  }

  /// The scanner's colour profile.
  ///
  /// @return empty where the file has none
  /// @throws DataException when it is no ICC profile of RGB
  public Optional<ColourProfile> profile() throws DataException {
    TiffDirectory first = tiff.levels().getFirst().directory();
    if (!hasProfile()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          ColourProfile.of(first.bytes(TiffDirectory.COLOUR_PROFILE, LONGEST_PROFILE)));
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(
          "%s: %s; cut it with icc: ignore".formatted(path(), e.getMessage()), e);
    }
  }

  /// Whether the file has a colour profile.
  public boolean hasProfile() {
    return tiff.levels().getFirst().directory().has(TiffDirectory.COLOUR_PROFILE);
  }

  /// What a pixel of level 0 measures, as far as the file says so.
  SlideProperties.Measures measures() throws DataException {
    return SlideProperties.measures(tiff);
  }

  /// The names of the pictures beside the levels, such as label and macro. They may show a
  /// patient's name.
  public Set<String> associated() {
    return Set.copyOf(tiff.associated().keySet());
  }

  /// A picture beside the levels.
  public RgbImage associated(String name) throws DataException {
    Pieces picture = tiff.associated().get(name);
    if (picture == null) {
      throw new IllegalArgumentException(
          "%s has no picture '%s'; it has %s".formatted(path(), name, tiff.associated().keySet()));
    }
    PieceCache unkept = new PieceCache(0);
    return region(picture, 0, 0, 0, picture.width(), picture.height(), unkept);
  }

  /// A rectangle of a level.
  ///
  /// @param level 0 is the largest
  /// @param left first column, in pixels of the level
  /// @param top first row
  /// @throws IllegalArgumentException when it does not lie inside of the level
  /// @throws DataException when a piece of it is missing or broken: nothing is made up
  public RgbImage read(int level, int left, int top, int width, int height) throws DataException {
    Pieces pieces = tiff.levels().get(level);
    if (left < 0
        || top < 0
        || width < 1
        || height < 1
        || left > pieces.width() - width
        || top > pieces.height() - height) {
      throw new IllegalArgumentException(
          "left %d, top %d, %d x %d px do not lie inside of level %d of %s, which has %d x %d px"
              .formatted(left, top, width, height, level, path(), pieces.width(), pieces.height()));
    }
    return region(pieces, level, left, top, width, height, cache);
  }

  private RgbImage region(
      Pieces pieces, int level, int left, int top, int width, int height, PieceCache kept)
      throws DataException {
    if (height > MOST_PIXELS / width) {
      throw new DataException(
          "%s: %d x %d px are too many to be read at once".formatted(path(), width, height));
    }
    byte[] pixels = new byte[3 * width * height];
    int lastColumn = (left + width - 1) / pieces.pieceWidth();
    int lastRow = (top + height - 1) / pieces.pieceHeight();
    for (int row = top / pieces.pieceHeight(); row <= lastRow; row++) {
      for (int column = left / pieces.pieceWidth(); column <= lastColumn; column++) {
        int at = column;
        int down = row;
        RgbImage piece =
            kept.get(
                level, (long) row * pieces.columns() + column, () -> pieces.read(at, down, codecs));
        int x = column * pieces.pieceWidth() - left;
        int y = row * pieces.pieceHeight() - top;
        paste(piece, x, y, pixels, width, height);
      }
    }
    return new RgbImage(width, height, pixels);
  }

  /// Copies what of a piece at (x, y) lies inside of the target.
  private static void paste(RgbImage piece, int x, int y, byte[] pixels, int width, int height) {
    int from = Math.max(0, -x);
    int count = Math.min(piece.width(), width - x) - from;
    int end = Math.min(piece.height(), height - y);
    for (int row = Math.max(0, -y); row < end; row++) {
      System.arraycopy(
          piece.pixels(),
          3 * (row * piece.width() + from),
          pixels,
          3 * ((y + row) * width + x + from),
          3 * count);
    }
  }

  /// The smallest level whose downsample is at most this; level 0 where none is.
  public int levelFor(double downsample) {
    double[] all = levels.stream().mapToDouble(Level::downsample).toArray();
    int level = (int) Arrays.stream(all).filter(found -> found <= downsample).count() - 1;
    return Math.max(0, level);
  }

  @Override
  public void close() throws DataException {
    file.close();
  }

  @Override
  public String toString() {
    return path().toString();
  }
}
