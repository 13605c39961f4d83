package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.ColourProfile;
import dev.eosin.image.RgbImage;
import dev.eosin.image.slides.SlideCodecs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A whole slide: levels of pixels, each smaller than the one before, and pictures beside them.
/// Reads SVS, TIFF, BigTIFF and OME-TIFF, tiled or in strips, packed by JPEG, JPEG 2000, LZW,
/// deflate or not at all; other formats where the machine has OpenSlide. Pixels are the file's own:
/// its colour profile is not applied. Thread safe.
///
/// Places on a level are whole pixels of that level, where reading is exact: the pixels are those
/// of OpenSlide where it is asked for the same place. OpenSlide is asked in pixels of level 0;
/// where they divided by the level's downsample are no whole number, it interpolates, and
/// [Level#at] says which pixels are read here.
public final class Slide implements AutoCloseable {
  private static final long CACHE_BYTES = 48L << 20;
  private static final int HEAD = 256;

  private final Path path;
  private final SlideContent content;
  private final List<Level> levels;

  private Slide(Path path, SlideContent content) {
    this.path = path;
    this.content = content;
    this.levels = content.levels();
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
      return new Slide(path, content(file, codecs, cacheBytes));
    } catch (DataException | RuntimeException e) {
      try (file) {
        throw e;
      }
    }
  }

  private static SlideContent content(SlideFile file, SlideCodecs codecs, long cacheBytes)
      throws DataException {
    byte[] head = file.read(0, Math.min(HEAD, file.size()), "the header");
    if (!TiffDirectories.begins(head)) {
      return foreign(file, codecs, UnreadSlides.of(file.path(), head));
    }
    try {
      return new TiffContent(file, TiffSlide.of(file), codecs, cacheBytes);
    } catch (UnreadFormatException other) {
      return foreign(file, codecs, other);
    }
  }

  /// Of formats that are not read here.
  private static SlideContent foreign(SlideFile file, SlideCodecs codecs, DataException refusal)
      throws DataException {
    if (!(refusal instanceof UnreadFormatException)) {
      throw refusal;
    }
    if (codecs.openSlide().isEmpty()) {
      throw new UnreadFormatException(
          refusal.getMessage()
              + ", or install OpenSlide 4 (libopenslide), which this machine does not have");
    }
    try {
      LibraryContent found = LibraryContent.open(codecs.openSlide().get(), file.path());
      file.close();
      return found;
    } catch (DataException e) {
      throw e;
    } catch (IOException broken) {
      throw new DataException(refusal.getMessage() + "; " + broken.getMessage(), broken);
    }
  }

  /// Whether it can be read: a thread that is interrupted while it reads closes it for all.
  public boolean isOpen() {
    return content.isOpen();
  }

  public Path path() {
    return path;
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
    return content.properties();
  }

  /// The scanner's colour profile.
  ///
  /// @return empty where the file has none
  /// @throws DataException when it is no ICC profile of RGB
  public Optional<ColourProfile> profile() throws DataException {
    return content.profile();
  }

  /// Whether the file has a colour profile.
  public boolean hasProfile() {
    return content.hasProfile();
  }

  /// What a pixel of level 0 measures, as far as the file says so.
  SlideProperties.Measures measures() throws DataException {
    return content.measures();
  }

  /// The names of the pictures beside the levels, such as label and macro. They may show a
  /// patient's name.
  public Set<String> associated() {
    return content.associated();
  }

  /// A picture beside the levels.
  public RgbImage associated(String name) throws DataException {
    return content.associated(name);
  }

  /// A rectangle of a level.
  ///
  /// @param level 0 is the largest
  /// @param left first column, in pixels of the level
  /// @param top first row
  /// @throws IllegalArgumentException when it does not lie inside of the level
  /// @throws DataException when a piece of it is missing or broken: nothing is made up
  public RgbImage read(int level, int left, int top, int width, int height) throws DataException {
    Level from = levels.get(level);
    if (left < 0
        || top < 0
        || width < 1
        || height < 1
        || left > from.width() - width
        || top > from.height() - height) {
      throw new IllegalArgumentException(
          "left %d, top %d, %d x %d px do not lie inside of level %d of %s, which has %d x %d px"
              .formatted(left, top, width, height, level, path(), from.width(), from.height()));
    }
    return content.read(level, left, top, width, height);
  }

  /// The smallest level whose downsample is at most this; level 0 where none is.
  public int levelFor(double downsample) {
    double[] all = levels.stream().mapToDouble(Level::downsample).toArray();
    int level = (int) Arrays.stream(all).filter(found -> found <= downsample).count() - 1;
    return Math.max(0, level);
  }

  @Override
  public void close() throws DataException {
    content.close();
  }

  @Override
  public String toString() {
    return path().toString();
  }
}
