package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.ColourProfile;
import dev.eosin.image.RgbImage;
import dev.eosin.image.slides.OpenSlide;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;

/// A slide that OpenSlide reads, within the bounds that its scanner tells: what lies outside of
/// them holds nothing. What the scanner did not see inside of them has the slide's background.
final class LibraryContent implements SlideContent {
  private static final List<String> TOLD =
      List.of(
          "openslide.vendor", "openslide.mpp-x", "openslide.mpp-y", "openslide.objective-power");
  private static final int WHITE = 0xFFFFFF;

  private final OpenSlide library;
  private final Path path;
  private final List<Slide.Level> levels;
  private final long left;
  private final long top;
  private final int background;
  private final Map<String, String> properties;
  private final byte[] icc;
  private Optional<OpenSlide.Opened> slide;
  private boolean closed;

  private LibraryContent(OpenSlide library, Path path, OpenSlide.Opened slide) {
    this.library = library;
    this.path = path;
    this.slide = Optional.of(slide);
    this.left = number(slide, "openslide.bounds-x").orElse(0L);
    this.top = number(slide, "openslide.bounds-y").orElse(0L);
    this.background =
        slide
            .property("openslide.background-color")
            .filter(text -> text.matches("[0-9A-Fa-f]{6}"))
            .map(text -> Integer.parseInt(text, 16))
            .orElse(WHITE);
    this.levels = levels(slide);
    Map<String, String> told = new TreeMap<>();
    TOLD.forEach(name -> slide.property(name).ifPresent(value -> told.put(name, value)));
    this.properties = Map.copyOf(told);
    this.icc = slide.profile();
  }

  /// @throws IOException without the file's name, when the library does not read it
  static LibraryContent open(OpenSlide library, Path path) throws IOException {
    return new LibraryContent(library, path, library.open(path));
  }

  private static Optional<Long> number(OpenSlide.Opened slide, String name) {
    return slide.property(name).filter(text -> text.matches("\\d{1,10}")).map(Long::parseLong);
  }

  private List<Slide.Level> levels(OpenSlide.Opened slide) {
    List<Slide.Level> found = new ArrayList<>();
    long[] whole = slide.size(0);
    long width =
        Math.min(whole[0] - left, number(slide, "openslide.bounds-width").orElse(whole[0]));
    long height =
        Math.min(whole[1] - top, number(slide, "openslide.bounds-height").orElse(whole[1]));
    for (int level = 0; level < slide.levels(); level++) {
      double downsample = slide.downsample(level);
      found.add(
          new Slide.Level(
              (int) Math.clamp((long) (width / downsample), 1, Integer.MAX_VALUE),
              (int) Math.clamp((long) (height / downsample), 1, Integer.MAX_VALUE),
              downsample));
    }
    return List.copyOf(found);
  }

  @Override
  public List<Slide.Level> levels() {
    return levels;
  }

  @Override
  public Map<String, String> properties() {
    return properties;
  }

  @Override
  public SlideProperties.Measures measures() {
    return new SlideProperties.Measures(
        measure("openslide.mpp-x"),
        measure("openslide.mpp-y"),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        measure("openslide.objective-power"));
  }

  private OptionalDouble measure(String name) {
    try {
      double value = Double.parseDouble(properties.getOrDefault(name, "0"));
      return value > 0 && Double.isFinite(value)
          ? OptionalDouble.of(value)
          : OptionalDouble.empty();
    } catch (NumberFormatException noNumber) {
      return OptionalDouble.empty();
    }
  }

  /// Label and macro are not asked for.
  @Override
  public Set<String> associated() {
    return Set.of();
  }

  @Override
  public RgbImage associated(String name) {
    throw new IllegalArgumentException("%s has no picture '%s'".formatted(path, name));
  }

  @Override
  public synchronized RgbImage read(int level, int x, int y, int width, int height)
      throws DataException {
    if (closed) {
      throw new DataException(path + ": is closed");
    }
    double downsample = levels.get(level).downsample();
    try {
      if (slide.isEmpty()) {
        slide = Optional.of(library.open(path));
      }
      int[] pixels =
          slide
              .get()
              .read(
                  level,
                  left + Math.round(x * downsample),
                  top + Math.round(y * downsample),
                  width,
                  height);
      return new RgbImage(width, height, onBackground(pixels));
    } catch (IOException broken) {
      // From now on this one reads nothing at all; the next tile gets another.
      slide.ifPresent(OpenSlide.Opened::close);
      slide = Optional.empty();
      throw new DataException(
          "%s: %d x %d px at %d, %d of level %d cannot be read: %s"
              .formatted(path, width, height, x, y, level, broken.getMessage()),
          broken);
    }
  }

  /// Colours are premultiplied by how much the scanner saw.
  private byte[] onBackground(int[] pixels) {
    byte[] rgb = new byte[3 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      int unseen = 255 - (pixels[i] >>> 24);
      for (int band = 0; band < 3; band++) {
        int shift = 16 - 8 * band;
        int behind = (unseen * (background >> shift & 0xFF) + 127) / 255;
        rgb[3 * i + band] = (byte) Math.min(255, (pixels[i] >> shift & 0xFF) + behind);
      }
    }
    return rgb;
  }

  @Override
  public boolean hasProfile() {
    return icc.length > 0;
  }

  @Override
  public Optional<ColourProfile> profile() throws DataException {
    if (!hasProfile()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ColourProfile.of(icc));
    } catch (IOException e) {
      throw new DataException("%s: %s; cut it with icc: ignore".formatted(path, e.getMessage()), e);
    }
  }

  @Override
  public synchronized boolean isOpen() {
    return !closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
    slide.ifPresent(OpenSlide.Opened::close);
    slide = Optional.empty();
  }
}
