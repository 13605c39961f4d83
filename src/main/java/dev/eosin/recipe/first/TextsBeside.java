package dev.eosin.recipe.first;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Captions in files beside their images, `a.jpg` and `a.txt`.
final class TextsBeside {
  private static final int DEPTH = 2;
  private static final String TEXT = ".txt";
  private static final List<String> IMAGES = List.of(".jpg", ".jpeg", ".png", ".tif", ".tiff");

  private TextsBeside() {}

  /// A text that has its image beside it, in a folder or in those that it holds.
  ///
  /// @throws DataException where the folder cannot be listed
  static Optional<Path> first(Path folder) throws DataException {
    try (Stream<Path> files = Files.walk(folder, DEPTH)) {
      return files.filter(TextsBeside::hasImage).findFirst();
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
    }
  }

  private static boolean hasImage(Path file) {
    String name = String.valueOf(file.getFileName());
    if (!name.endsWith(TEXT)) {
      return false;
    }
    String stem = name.substring(0, name.length() - TEXT.length());
    return IMAGES.stream().anyMatch(end -> Files.isRegularFile(file.resolveSibling(stem + end)));
  }
}
