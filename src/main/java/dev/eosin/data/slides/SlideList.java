package dev.eosin.data.slides;

import dev.eosin.config.DataException;
import dev.eosin.data.ForeignName;
import dev.eosin.data.Names;
import dev.eosin.data.settings.SlideColumns;
import dev.eosin.data.settings.SlideListSettings;
import dev.eosin.data.tables.NamedRows;
import dev.eosin.file.AtomicFile;
import dev.eosin.slide.PixelSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The slides of a folder, sorted by path, or of a table, in its order. Files are not opened.
public final class SlideList {
  private static final List<String> ENDINGS = List.of(".svs", ".tif", ".tiff");

  /// Slides that only OpenSlide reads, if at all: they are listed so that each is told of, not
  /// passed over.
  private static final List<String> UNREAD_ENDINGS =
      List.of(".ndpi", ".mrxs", ".scn", ".bif", ".isyntax", ".czi", ".vms", ".svslide");

  private static final String MPP = "mpp";

  private SlideList() {}

  /// @throws DataException when there is none, two would have one name, or the table lacks a column
  public static List<ListedSlide> of(SlideListSettings settings) throws DataException {
    List<ListedSlide> slides =
        Files.isDirectory(settings.path()) ? folder(settings.path()) : table(settings);
    if (slides.isEmpty()) {
      throw new DataException(
          "%s: holds no slide; expected files ending in %s, or a table of them"
              .formatted(settings.path(), String.join(", ", ENDINGS)));
    }
    Map<String, String> names = new HashMap<>();
    for (ListedSlide slide : slides) {
      String before = names.putIfAbsent(slide.name(), slide.path());
      if (before != null) {
        throw new DataException(
            "%s: the slides %s and %s would both be called %s; rename one"
                .formatted(settings.path(), Names.of(List.of(before)), slide.path(), slide.name()));
      }
    }
    return List.copyOf(slides);
  }

  private static List<ListedSlide> folder(Path folder) throws DataException {
    try (Stream<Path> inside = Files.walk(folder)) {
      return inside
          .filter(Files::isRegularFile)
          .filter(SlideList::isSlide)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .map(
              path ->
                  new ListedSlide(
                      name(path),
                      folder.resolve(path),
                      path,
                      name(path),
                      Optional.empty(),
                      Optional.empty(),
                      Optional.empty()))
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
    }
  }

  /// Whether a file's name says that it is of a format that OpenSlide reads, where there is one.
  public static boolean isForeign(String path) {
    return UNREAD_ENDINGS.stream().anyMatch(path.toLowerCase(Locale.ROOT)::endsWith);
  }

  private static boolean isSlide(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return Stream.concat(ENDINGS.stream(), UNREAD_ENDINGS.stream()).anyMatch(name::endsWith)
        && !name.startsWith(".");
  }

  /// A path as a name: folders stay apart, but those of a path from the root on are left out. A dot
  /// would end a name in a shard.
  static String name(String path) {
    String relative = path.startsWith("/") ? path.substring(path.lastIndexOf('/') + 1) : path;
    String bare = relative.replaceFirst("(\\.ome)?\\.[^./]+$", "");
    return bare.replace("/", "__").replaceAll("[^A-Za-z0-9_-]", "_");
  }

  private static List<ListedSlide> table(SlideListSettings settings) throws DataException {
    if (isSlide(settings.path())) {
      throw new DataException(
          "%s: is one slide; name its folder, or a table of slides (.csv, .tsv)"
              .formatted(settings.path()));
    }
    Path root = settings.files().orElseGet(() -> settings.path().resolveSibling(""));
    NamedRows rows = NamedRows.open(settings.path());
    List<ListedSlide> slides = new ArrayList<>();
    for (Optional<Map<String, String>> row = rows.next(); row.isPresent(); row = rows.next()) {
      slides.add(slide(settings, root, row.get(), settings.path() + ": line " + rows.line()));
    }
    return slides;
  }

  private static ListedSlide slide(
      SlideListSettings settings, Path root, Map<String, String> row, String place)
      throws DataException {
    SlideColumns columns = settings.columns();
    String path = field(row, columns.slide(), place).orElse("");
    if (path.isBlank()) {
      throw new DataException(place + ": names no slide; remove the row or name its file");
    }
    Optional<String> foreign = ForeignName.reason(path);
    if (foreign.isPresent()) {
      throw new DataException("%s: the slide '%s' %s".formatted(place, path, foreign.get()));
    }
    Optional<String> group = named(row, columns.group(), place);
    Optional<String> mpp =
        columns.mpp().isPresent()
            ? named(row, columns.mpp(), place)
            : Optional.ofNullable(row.get(MPP));
    return new ListedSlide(
        name(path),
        root.resolve(path),
        path,
        group.filter(text -> !text.isBlank()).orElse(name(path)),
        named(row, columns.label(), place),
        named(row, columns.caption(), place),
        pixel(mpp.map(String::strip).filter(text -> !text.isEmpty()), place));
  }

  private static Optional<String> named(
      Map<String, String> row, Optional<String> column, String place) throws DataException {
    return column.isEmpty() ? Optional.empty() : field(row, column.get(), place);
  }

  private static Optional<String> field(Map<String, String> row, String column, String place)
      throws DataException {
    String value = row.get(column);
    if (value == null) {
      throw new DataException(
          "%s: there is no column '%s'; the columns are %s"
              .formatted(place, column, String.join(", ", row.keySet())));
    }
    return Optional.of(value);
  }

  private static Optional<PixelSize> pixel(Optional<String> mpp, String place)
      throws DataException {
    try {
      return mpp.map(text -> PixelSize.ofTable(Double.parseDouble(text)));
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "%s: mpp is '%s', expected micrometres a pixel such as 0.25"
              .formatted(place, mpp.orElse("")),
          e);
    }
  }
}
