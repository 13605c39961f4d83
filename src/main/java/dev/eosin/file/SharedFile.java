package dev.eosin.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file that several processes read and write, one at a time.
public final class SharedFile {
  /// What is done with it.
  @FunctionalInterface
  public interface Work<T> {
    T run() throws IOException;
  }

  private SharedFile() {}

  /// Waits for its turn among all threads and processes; the lock is a file beside it, made with
  /// its folder when first needed.
  ///
  /// @throws IOException of the work, or when there can be no lock
  public static synchronized <T> T alone(Path file, Work<T> work) throws IOException {
    Path lock = file.resolveSibling(".%s.lock".formatted(file.getFileName()));
    Files.createDirectories(AtomicFile.parent(lock.toAbsolutePath()));
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.lock()) {
      return work.run();
    }
  }
}
