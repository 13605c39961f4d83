package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.ColourProfile;
import dev.eosin.image.RgbImage;
import dev.eosin.image.slides.SlideCodecs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A slide in a TIFF file, read here.
final class TiffContent implements SlideContent {
  private static final long MOST_PIXELS = Integer.MAX_VALUE / 3 - 8;
  private static final int LONGEST_PROFILE = 16 << 20;

  private final SlideFile file;
  private final TiffSlide tiff;
  private final SlideCodecs codecs;
  private final PieceCache cache;

  TiffContent(SlideFile file, TiffSlide tiff, SlideCodecs codecs, long cacheBytes) {
    this.file = file;
    this.tiff = tiff;
    this.codecs = codecs;
    this.cache = new PieceCache(cacheBytes);
  }

  @Override
  public List<Slide.Level> levels() {
    Pieces first = tiff.levels().getFirst();
    List<Slide.Level> found = new ArrayList<>();
    for (Pieces level : tiff.levels()) {
      double across = (double) first.width() / level.width();
      double down = (double) first.height() / level.height();
      found.add(new Slide.Level(level.width(), level.height(), (across + down) / 2));
    }
    return List.copyOf(found);
  }

  @Override
  public Map<String, String> properties() {
    return SlideProperties.of(tiff);
  }

  @Override
  public SlideProperties.Measures measures() throws DataException {
    return SlideProperties.measures(tiff);
  }

  @Override
  public Set<String> associated() {
    return Set.copyOf(tiff.associated().keySet());
  }

  @Override
  public RgbImage associated(String name) throws DataException {
    Pieces picture = tiff.associated().get(name);
    if (picture == null) {
      throw new IllegalArgumentException(
          "%s has no picture '%s'; it has %s"
              .formatted(file.path(), name, tiff.associated().keySet()));
    }
    PieceCache unkept = new PieceCache(0);
    return region(picture, 0, 0, 0, picture.width(), picture.height(), unkept);
  }

  @Override
  public RgbImage read(int level, int left, int top, int width, int height) throws DataException {
    return region(tiff.levels().get(level), level, left, top, width, height, cache);
  }

  private RgbImage region(
      Pieces pieces, int level, int left, int top, int width, int height, PieceCache kept)
      throws DataException {
    if (height > MOST_PIXELS / width) {
      throw new DataException(
          "%s: %d x %d px are too many to be read at once".formatted(file.path(), width, height));
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

  @Override
  public boolean hasProfile() {
    return tiff.levels().getFirst().directory().has(TiffDirectory.COLOUR_PROFILE);
  }

  @Override
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
          "%s: %s; cut it with icc: ignore".formatted(file.path(), e.getMessage()), e);
    }
  }

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void close() throws DataException {
    file.close();
  }
}
