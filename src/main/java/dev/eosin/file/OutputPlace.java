package dev.eosin.file;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whether something can be written under a name, asked before the work that it is the result of.
/// Nothing is left behind.
public final class OutputPlace {
  private OutputPlace() {}

  /// Asks for a file, which may be there.
  ///
  /// @throws DataException when the name is a folder's, or no file can be made there
  public static void requireFile(Path file) throws DataException {
    if (Files.isDirectory(file)) {
      throw new DataException(file + ": is a folder; name a file in it");
    }
    requireRoom(file);
  }

  /// Asks for a file or folder, whatever is there.
  ///
  /// @throws DataException when nothing can be made there
  public static void requireRoom(Path place) throws DataException {
    Path folder = existing(place);
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          "%s: cannot be written: %s is a file, not a folder".formatted(place, folder));
    }
    try {
      Files.delete(Files.createTempFile(folder, ".eosin-", ".partial"));
    } catch (IOException e) {
      throw new DataException("%s: cannot be written: %s".formatted(place, nothingIn(folder)), e);
    }
  }

  /// What is said where the folder that is there takes nothing: the system's own reason names a
  /// file that was never asked for.
  ///
  /// @param place that could not be made
  static String nothingAbove(Path place) {
    return nothingIn(existing(place));
  }

  private static String nothingIn(Path folder) {
    return "nothing can be made in the folder " + folder;
  }

  /// The nearest thing above a place that is there.
  private static Path existing(Path place) {
    Path absolute = place.toAbsolutePath().normalize();
    Path above = absolute.getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    return above == null ? absolute : above;
  }
}
