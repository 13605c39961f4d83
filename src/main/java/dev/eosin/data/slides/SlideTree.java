package dev.eosin.data.slides;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// Finds slides by name in a folder, however they lie in it: flat, by project, or as GDC's client
/// puts them, each in a folder named by its file's UUID. Files are not opened.
public final class SlideTree {
  private static final List<String> ENDINGS = List.of(".svs", ".tif", ".tiff");

  /// What GDC's client calls a file that it has not fetched whole.
  private static final String PARTIAL = ".partial";

  private static final int MOST_LISTED = 3;

  private final Path folder;
  private final Map<String, List<Path>> byStem = new HashMap<>();
  private final Map<String, List<Path>> byBarcode = new HashMap<>();
  private final Map<String, List<Path>> byFolder = new HashMap<>();
  private final Map<String, Path> partial = new HashMap<>();
  private int files;

  private SlideTree(Path folder) {
    this.folder = folder;
  }

  /// What was found of a slide.
  public sealed interface Found {
    /// @param file below the folder of the tree
    record One(Path file) implements Found {}

    /// @param reason why there is none, or not one alone
    record None(String reason) implements Found {}
  }

  /// Lists a folder, to its depth.
  ///
  /// @throws DataException when it cannot be listed
  public static SlideTree of(Path folder) throws DataException {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + ": is no folder; name the one with the slides");
    }
    var tree = new SlideTree(folder);
    try (Stream<Path> inside = Files.walk(folder)) {
      inside.filter(Files::isRegularFile).sorted().forEach(tree::add);
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
    }
    return tree;
  }

  private void add(Path file) {
    String name = String.valueOf(file.getFileName());
    String lower = name.toLowerCase(Locale.ROOT);
    for (String ending : ENDINGS) {
      if (lower.endsWith(ending + PARTIAL)) {
        partial.put(name.substring(0, name.length() - ending.length() - PARTIAL.length()), file);
      }
      if (lower.endsWith(ending)) {
        files++;
        String stem = name.substring(0, name.length() - ending.length());
        byStem.computeIfAbsent(stem, key -> new ArrayList<>()).add(file);
        int dot = stem.indexOf('.');
        if (dot > 0) {
          // TCGA-XX-XXXX-01Z-00-DX1.UUID is also called without its UUID.
          byBarcode.computeIfAbsent(stem.substring(0, dot), key -> new ArrayList<>()).add(file);
        }
        Path parent = file.getParent();
        if (parent != null && !parent.equals(folder)) {
          byFolder
              .computeIfAbsent(String.valueOf(parent.getFileName()), key -> new ArrayList<>())
              .add(file);
        }
      }
    }
  }

  /// How many slides lie in the folder.
  public int files() {
    return files;
  }

  /// The file of a slide.
  ///
  /// @param slide its name, without the file's ending; a barcode may do without its UUID
  /// @param uuids that GDC gives its file; of several files of this name the one in a folder of
  ///   such a name is taken
  public Found find(String slide, List<String> uuids) {
    List<Path> named = byStem.getOrDefault(slide, byBarcode.getOrDefault(slide, List.of()));
    List<Path> inFolders =
        uuids.stream().flatMap(id -> byFolder.getOrDefault(id, List.of()).stream()).toList();
    List<Path> both = named.stream().filter(inFolders::contains).toList();
    List<Path> found = both.isEmpty() ? (named.isEmpty() ? inFolders : named) : both;
    if (found.size() == 1) {
      return new Found.One(found.getFirst());
    }
    if (found.isEmpty()) {
      Path part = partial.get(slide);
      return new Found.None(
          part == null
              ? "no slide of this name, and none in a folder named by its file_id %s, under %s"
                  .formatted(uuids, folder)
              : "%s is not fetched whole; let GDC's client finish it".formatted(part));
    }
    String listed =
        String.join(", ", found.stream().limit(MOST_LISTED).map(Path::toString).toList());
    return new Found.None(
        "%d files could be it: %s; leave one of them".formatted(found.size(), listed));
  }
}
