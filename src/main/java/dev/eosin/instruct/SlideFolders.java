package dev.eosin.instruct;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// Lists tiles in folders of sources, classes and slides. What is hidden is passed over.
final class SlideFolders {
  private SlideFolders() {}

  /// The tiles, sorted by source, class in the settings' order, slide and path.
  ///
  /// @throws DataException when a folder is missing, holds no slides, or a slide no tiles
  static List<SlideTile> tiles(FewShotSettings settings) throws DataException {
    Path root = settings.path();
    Set<String> labels = settings.answers().keySet();
    List<String> top = folders(root);
    List<SlideTile> tiles = new ArrayList<>();
    if (top.containsAll(labels)) {
      addSource(settings, "", tiles);
      return tiles;
    }
    if (top.isEmpty()) {
      throw new DataException(
          "%s: holds no folders; expected SOURCE/CLASS/SLIDE with the classes %s, or CLASS/SLIDE"
              .formatted(root, labels));
    }
    for (String source : top) {
      addSource(settings, source, tiles);
    }
    return tiles;
  }

  private static void addSource(FewShotSettings settings, String source, List<SlideTile> tiles)
      throws DataException {
    for (String label : settings.answers().keySet()) {
      String kind = source.isEmpty() ? label : source + "/" + label;
      Path folder = settings.path().resolve(kind);
      if (!Files.isDirectory(folder)) {
        throw new DataException(
            "%s: no such folder; every source has one folder for each class of answers, %s"
                .formatted(folder, settings.answers().keySet()));
      }
      List<String> slides = folders(folder);
      if (slides.isEmpty()) {
        throw new DataException(folder + ": holds no folders; expected one for each slide");
      }
      for (String slide : slides) {
        addSlide(settings, new SlideTile(source, label, kind + "/" + slide, ""), tiles);
      }
    }
  }

  private static void addSlide(FewShotSettings settings, SlideTile slide, List<SlideTile> tiles)
      throws DataException {
    Path folder = settings.path().resolve(slide.slide());
    int before = tiles.size();
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .map(file -> settings.path().relativize(file).toString().replace('\\', '/'))
          .filter(name -> isTile(settings, name))
          .sorted()
          .forEach(
              name -> tiles.add(new SlideTile(slide.source(), slide.label(), slide.slide(), name)));
    } catch (IOException | UncheckedIOException e) {
      throw unlistable(folder, e);
    }
    if (tiles.size() == before) {
      throw new DataException(
          "%s: holds no tile that ends in one of %s".formatted(folder, settings.extensions()));
    }
  }

  private static boolean isTile(FewShotSettings settings, String name) {
    String small = name.toLowerCase(Locale.ROOT);
    return !isHidden(small.substring(small.lastIndexOf('/') + 1))
        && settings.extensions().stream().anyMatch(ending -> small.endsWith("." + ending));
  }

  private static boolean isHidden(String name) {
    return name.startsWith(".");
  }

  private static List<String> folders(Path folder) throws DataException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::isDirectory)
          .map(entry -> String.valueOf(entry.getFileName()))
          .filter(name -> !isHidden(name))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw unlistable(folder, e);
    }
  }

  private static DataException unlistable(Path folder, Exception e) {
    return new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
  }
}
