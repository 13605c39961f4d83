package dev.eosin.prepare;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.EmptyFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Keeps a folder to one process; the file `preparation.lock` says to which. The lock goes with the
/// process, however it ends; the file stays, but where nothing else is in the folder: a start that
/// was refused leaves nothing behind.
final class FolderLock implements AutoCloseable {
  static final String NAME = "preparation.lock";

  private final FileChannel channel;
  private final Path file;
  private final boolean made;

  private FolderLock(FileChannel channel, Path file, boolean made) {
    this.channel = channel;
    this.file = file;
    this.made = made;
  }

  /// Takes a folder, making it where needed.
  ///
  /// @throws DataException saying which process has it
  static FolderLock take(Path folder) throws DataException {
    Path file = folder.resolve(NAME);
    boolean made = !Files.exists(folder);
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(channel)) {
        channel.close();
        throw new DataException(
            "%s: is being prepared by another process (%s); wait for it, or choose another output folder"
                .formatted(folder, Quote.line(Files.readString(file).strip())));
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(holder().getBytes(StandardCharsets.UTF_8)));
      return new FolderLock(channel, file, made);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be written: " + AtomicFile.reason(e), e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException heldByThisProcess) {
      return false;
    }
  }

  private static String holder() {
    return "process %d on %s since %s%n"
        .formatted(
            ProcessHandle.current().pid(), host(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
  }

  /// Only for people; a machine may have a name that it cannot resolve itself.
  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException nameless) {
      return "a machine without a name";
    }
  }

  @Override
  public void close() throws DataException {
    try {
      EmptyFolder.removeWithout(file, made);
      channel.close();
    } catch (IOException e) {
      throw new DataException("the lock cannot be released: " + AtomicFile.reason(e), e);
    }
  }
}
