package dev.eosin.run.folders;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A run whose folder a new one takes.
final class EarlierRun {
  private EarlierRun() {}

  /// Moves it to the first free of `DIR.1`, `DIR.2`, ...
  ///
  /// @return where it is now
  static Path moveAside(Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath().normalize();
    int number = 1;
    while (Files.exists(absolute.resolveSibling(absolute.getFileName() + "." + number))) {
      number++;
    }
    Path aside = absolute.resolveSibling(absolute.getFileName() + "." + number);
    return Files.move(absolute, aside);
  }
}
