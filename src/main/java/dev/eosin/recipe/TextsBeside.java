package dev.eosin.recipe;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Captions in files beside their images, `a.jpg` and `a.txt`: no source reads them, so that a
/// first recipe must not pass over them in silence.
final class TextsBeside {
  private static final int DEPTH = 2;
  private static final String TEXT = ".txt";
  private static final List<String> IMAGES = List.of(".jpg", ".jpeg", ".png", ".tif", ".tiff");

  private TextsBeside() {}

  /// @param folder to look into, and into those that it holds
  /// @throws DataException where an image has its text beside it, or the folder cannot be listed
  static void refuse(Path folder) throws DataException {
    Optional<Path> text = first(folder);
    if (text.isPresent()) {
      throw new DataException(
          "%s: has texts beside its images (%s), which no source reads; write %s with a line"
                  .formatted(
                      folder, folder.relativize(text.get()), folder.resolve("metadata.jsonl"))
              + " {\"file_name\": \"a.jpg\", \"text\": \"...\"} for each image, and give the"
              + " same command again");
    }
  }

  private static Optional<Path> first(Path folder) throws DataException {
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
