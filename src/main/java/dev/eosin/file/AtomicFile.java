package dev.eosin.file;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/// Writes files so that a reader, also one after a power cut, finds the old content or the new one,
/// never a part.
public final class AtomicFile {
  private AtomicFile() {}

  /// Writes to a temporary name in the same folder (`.<name>.partial`), syncs, renames, syncs the
  /// folder. Missing parent folders are made.
  ///
  /// @throws DataException naming the file and the reason; what was there before is unchanged
  public static void write(Path file, FileContent content) throws DataException {
    Path absolute = file.toAbsolutePath().normalize();
    Path temporary = absolute.resolveSibling("." + absolute.getFileName() + ".partial");
    try {
      Files.createDirectories(parent(absolute));
      try (Disk.SyncedOutput out = Disk.REAL.create(temporary)) {
        content.writeTo(out);
        out.sync();
      }
      Disk.REAL.rename(temporary, absolute);
      Disk.REAL.syncFolder(parent(absolute));
    } catch (IOException e) {
      DataException failure = failure(file, e);
      try {
        Disk.REAL.delete(temporary);
      } catch (IOException left) {
        failure.addSuppressed(left);
      }
      throw failure;
    }
  }

  /// What could not be read while it should have been written is at fault itself.
  private static DataException failure(Path file, IOException e) {
    return e instanceof DataException source
        ? source
        : new DataException(file + ": cannot be written: " + unmade(file, e), e);
  }

  /// Why a file or folder could not be made.
  public static String unmade(Path place, IOException e) {
    return e instanceof NoSuchFileException ? OutputPlace.nothingAbove(place) : reason(e);
  }

  public static Path parent(Path absolute) throws IOException {
    Path parent = absolute.getParent();
    if (parent == null) {
      throw new IOException(absolute + " has no parent folder");
    }
    return parent;
  }

  /// What an exception of the file system says, in words: many carry only the path.
  public static String reason(Exception e) {
    return switch (e) {
      case UncheckedIOException wrapper when wrapper.getCause() != null ->
          reason(wrapper.getCause());
      case NoSuchFileException missing -> "no such file: " + missing.getFile();
      case AccessDeniedException denied -> "permission denied: " + denied.getFile();
      case NotDirectoryException file -> "this is a file, not a folder: " + file.getFile();
      case FileAlreadyExistsException exists -> "a file of that name exists: " + exists.getFile();
      case FileSystemException other when other.getReason() != null ->
          other.getReason() + ": " + other.getFile();
      default -> String.valueOf(e.getMessage());
    };
  }
}
