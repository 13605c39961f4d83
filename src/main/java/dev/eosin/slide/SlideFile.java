package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The bytes of a slide's file, of which parts are read when asked for. Thread safe.
final class SlideFile implements AutoCloseable {
  private static final int LARGEST_READ = 1 << 28;

  private final Path path;
  private final FileChannel channel;
  private final long size;

  private SlideFile(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  static SlideFile open(Path path) throws DataException {
    if (Files.isDirectory(path)) {
      throw new DataException(path + ": is a folder; name the slide's file");
    }
    try {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      return new SlideFile(path, channel, channel.size());
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  Path path() {
    return path;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  long size() {
    return size;
  }

  /// Some bytes.
  ///
  /// @param what they are, for messages: `the tile in column 3, row 4`
  /// @throws DataException when the file does not hold them
  byte[] read(long offset, long length, String what) throws DataException {
    if (offset < 0 || length < 0 || length > size || offset > size - length) {
      throw new DataException(
          "%s: %s should be the %d bytes from byte %d on, but the file ends at %d; it is cut off or corrupt: fetch it again"
              .formatted(path, what, length, offset, size));
    }
    if (length > LARGEST_READ) {
      throw new DataException(
          "%s: %s has %d bytes, more than any slide's; the file is corrupt"
              .formatted(path, what, length));
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length);
    try {
      long at = offset;
      while (bytes.hasRemaining()) {
        int read = channel.read(bytes, at);
        if (read < 0) {
          throw new DataException(path + ": became shorter while it was read");
        }
        at += read;
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + AtomicFile.reason(e), e);
    }
    return bytes.array();
  }

  @Override
  public void close() throws DataException {
    try {
      channel.close();
    } catch (IOException e) {
      throw new DataException(path + ": cannot be closed: " + AtomicFile.reason(e), e);
    }
  }
}
