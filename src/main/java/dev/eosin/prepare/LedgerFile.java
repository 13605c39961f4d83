package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Checked lines that are only ever added to: `<CRC-32C in 8 hexadecimal digits> <JSON>`. Appending
/// and reading are thread safe.
///
/// After a write or a sync that failed, nothing is added any more: what follows a torn line would
/// be lost with it.
final class LedgerFile implements AutoCloseable {
  /// The longest JSON text of a line, in bytes.
  static final int LONGEST = 64 << 20;

  /// So much may wait for the next sync.
  private static final long UNSYNCED = 1 << 20;

  private static final int FIRST_READ = 1 << 10;

  private final Path file;
  private final FileChannel channel;
  private final Storage storage;
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock syncing = new ReentrantLock();
  private volatile @Nullable IOException broken;
  private volatile long end;
  private volatile long synced;

  private LedgerFile(Path file, FileChannel channel, Storage storage) {
    this.file = file;
    this.channel = channel;
    this.storage = storage;
  }

  /// The steps that can fail on a full disk or be the last before a power cut.
  interface Storage {
    /// The file system as it is.
    Storage REAL =
        new Storage() {
          @Override
          public void append(FileChannel channel, ByteBuffer line, long offset) throws IOException {
            while (line.hasRemaining()) {
              channel.write(line, offset + line.position());
            }
          }

          @Override
          public void sync(FileChannel channel) throws IOException {
            channel.force(false);
          }
        };

    void append(FileChannel channel, ByteBuffer line, long offset) throws IOException;

    void sync(FileChannel channel) throws IOException;
  }

  /// The folder that it lies in.
  Path folder() {
    return file.toAbsolutePath().resolveSibling("");
  }

  static LedgerFile open(Path file, Storage storage) throws DataException {
    return open(
        file,
        storage,
        StandardOpenOption.CREATE,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
  }

  /// One to which nothing is added.
  static LedgerFile toRead(Path file, Storage storage) throws DataException {
    return open(file, storage, StandardOpenOption.READ);
  }

  private static LedgerFile open(Path file, Storage storage, OpenOption... how)
      throws DataException {
    try {
      return new LedgerFile(file, FileChannel.open(file, how), storage);
    } catch (NoSuchFileException e) {
      throw new DataException(
          file + ": is not there; output.dir has to lie on a file system that all ranks share", e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be opened: " + AtomicFile.reason(e), e);
    }
  }

  /// Where the next line goes, once the file was read.
  ///
  /// @param length of the lines that are whole; what follows them is cut off
  void continueAt(long length) throws DataException {
    try {
      if (channel.size() > length) {
        channel.truncate(length);
      }
      // What a killed run wrote may not be durable yet, and is used from now on.
      storage.sync(channel);
    } catch (IOException e) {
      throw failure(e);
    }
    end = length;
    synced = length;
  }

  /// Adds a line, which is durable after a later [#sync].
  ///
  /// @return the offset of its first byte
  long append(byte[] json) throws DataException {
    if (json.length > LONGEST) {
      throw new DataException(
          "%s: a record of %d MiB is too long, at most %d MiB are possible; what is large belongs into a file of its own"
              .formatted(file, json.length >> 20, LONGEST >> 20));
    }
    ByteBuffer line = LedgerLine.of(json);
    long offset;
    writing.lock();
    try {
      offset = end;
      change(() -> storage.append(channel, line, offset));
      end = offset + line.limit();
    } finally {
      writing.unlock();
    }
    if (offset - synced > UNSYNCED) {
      sync(offset);
    }
    return offset;
  }

  /// Makes everything up to the line at `offset` durable. Who comes while another syncs waits, and
  /// finds its line synced by the next, together with all that were added meanwhile.
  void sync(long offset) throws DataException {
    syncing.lock();
    try {
      if (offset < synced) {
        return;
      }
      long until = end;
      change(() -> storage.sync(channel));
      synced = until;
    } finally {
      syncing.unlock();
    }
  }

  /// A change of the file.
  @FunctionalInterface
  private interface Change {
    void make() throws IOException;
  }

  /// The first change that fails is the last; whoever comes later is told the same reason.
  private void change(Change change) throws DataException {
    if (broken != null) {
      throw failure(broken);
    }
    boolean done = false;
    try {
      change.make();
      done = true;
    } catch (IOException e) {
      broken = e;
      throw failure(e);
    } finally {
      if (!done && broken == null) {
        broken = new IOException("an earlier record was not written to its end");
      }
    }
  }

  void syncAll() throws DataException {
    sync(Math.max(0, end - 1));
  }

  /// The line that starts at `offset`.
  JsonNode read(long offset) throws DataException {
    try {
      int size = FIRST_READ;
      while (true) {
        byte[] bytes = new byte[size];
        int length = fill(ByteBuffer.wrap(bytes), offset);
        int stop = LedgerLine.end(bytes, 0, length);
        if (stop >= 0) {
          return LedgerLine.parse(bytes, 0, stop);
        }
        if (length < size) {
          throw new EOFException("the file ends within the record");
        }
        size = Math.multiplyExact(4, size);
      }
    } catch (IOException e) {
      throw new DataException(
          "%s: the record at byte %d cannot be read again: %s; no other program may change the file"
              .formatted(file, offset, AtomicFile.reason(e)),
          e);
    }
  }

  private int fill(ByteBuffer buffer, long offset) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        break;
      }
    }
    return buffer.position();
  }

  private DataException failure(IOException e) {
    return new DataException(
        "%s: cannot be written: %s; once that is mended, the same command goes on"
            .formatted(file, AtomicFile.reason(e)),
        e);
  }

  @Override
  public void close() throws DataException {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure(e);
    }
  }
}
