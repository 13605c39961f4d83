package dev.eosin.fetch;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.Disk;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// What has come of a file so far: `.<name>.download` beside it, and `.<name>.download.version`
/// with the server's name for the version that these bytes belong to. Both outlive the process, so
/// that a later one goes on; one process at a time may hold them.
///
/// Every method throws [DataException] where the disk fails: that is no reason to ask the server
/// again.
final class PartialFile implements AutoCloseable {
  private final Path target;
  private final Path content;
  private final Path version;
  private final FileChannel channel;

  private PartialFile(Path target, Path content, FileChannel channel) {
    this.target = target;
    this.content = content;
    this.version = content.resolveSibling(content.getFileName() + ".version");
    this.channel = channel;
  }

  /// Takes what is there of `target`; missing parent folders are made.
  ///
  /// @throws DataException besides, when another process downloads the same file
  static PartialFile of(Path target) throws DataException {
    Path absolute = target.toAbsolutePath().normalize();
    Path content = absolute.resolveSibling("." + absolute.getFileName() + ".download");
    try {
      Files.createDirectories(AtomicFile.parent(absolute));
      FileChannel channel =
          FileChannel.open(content, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
      if (!locked(channel) || !Files.exists(content)) {
        channel.close();
        throw new DataException(target + ": another download of this file is under way");
      }
      channel.position(channel.size());
      return new PartialFile(absolute, content, channel);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException held) {
      return false;
    }
  }

  long bytes() throws DataException {
    try {
      return channel.position();
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /// The server's name for the version of the file that the bytes belong to.
  Optional<String> version() throws DataException {
    try {
      return Files.isRegularFile(version)
          ? Optional.of(Files.readString(version)).filter(text -> !text.isEmpty())
          : Optional.empty();
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /// Forgets every byte; those to come belong to this version, or to one that has no name.
  void restart(Optional<String> newVersion) throws DataException {
    try {
      channel.truncate(0);
      Files.writeString(version, newVersion.orElse(""));
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  void append(ByteBuffer bytes) throws DataException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /// @throws DataException when the disk has no room for so many bytes more
  void requireSpace(long bytes) throws DataException {
    try {
      long free = Files.getFileStore(content).getUsableSpace();
      if (bytes > free) {
        throw new DataException(
            "%s: the disk has %s free, %s are needed"
                .formatted(target, mebibytes(free), mebibytes(bytes)));
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  private static String mebibytes(long bytes) {
    return "%,d MiB".formatted((bytes + (1 << 20) - 1) >> 20);
  }

  /// Reads everything back.
  FileDigest digest() throws DataException {
    try {
      return FileDigest.of(content);
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /// Makes the file durable and gives it its name.
  void commit() throws DataException {
    try {
      channel.force(true);
      Disk.REAL.rename(content, target);
      Disk.REAL.delete(version);
      Disk.REAL.syncFolder(AtomicFile.parent(target));
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /// Removes what has come.
  void discard() throws DataException {
    try {
      Disk.REAL.delete(version);
      Disk.REAL.delete(content);
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /// Lets other processes have it; what has come stays for them.
  @Override
  public void close() throws DataException {
    try {
      if (channel.isOpen() && channel.size() == 0 && Files.exists(content)) {
        discard();
      }
      channel.close();
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  private static DataException failure(Path target, IOException e) {
    return e instanceof DataException known
        ? known
        : new DataException(target + ": cannot be written: " + AtomicFile.reason(e), e);
  }
}
