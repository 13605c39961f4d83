package dev.eosin.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A folder that was taken for work which was refused before it began.
public final class EmptyFolder {
  private EmptyFolder() {}

  /// Removes a lock's file where nothing else is beside it, and the folder with it where that was
  /// made for the lock. To be called while the lock is held.
  ///
  /// @param lock the file
  /// @param made whether the folder was not there before
  /// @throws IOException when the folder cannot be listed or the file cannot be removed
  public static void removeWithout(Path lock, boolean made) throws IOException {
    Path folder = AtomicFile.parent(lock);
    if (!Files.isDirectory(folder)) {
      return; // somebody removed it
    }
    List<Path> all;
    try (Stream<Path> files = Files.list(folder)) {
      all = files.limit(2).toList();
    }
    if (!all.equals(List.of(lock))) {
      return;
    }
    Files.delete(lock);
    if (made) {
      Files.delete(folder);
    }
  }
}
