package dev.eosin.train.logs;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.zip.CRC32C;

/// A file of length-prefixed, checksummed records (TFRecord) under a name by which TensorBoard
/// reads the files of a folder in the order they were started.
///
/// A record is: its length, 8 bytes little-endian; masked CRC32C of these; the bytes; masked CRC32C
/// of them. It is one write to the operating system.
final class EventFile implements AutoCloseable {
  private static final String PREFIX = "events.out.tfevents.";

  private final Path path;
  private final FileChannel channel;

  private EventFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  static EventFile create(Path folder, InstantSource clock) throws DataException {
    Path path = folder;
    try {
      Files.createDirectories(folder);
      // A clock that was set back must not put this file before those of earlier starts.
      long number = Math.max(clock.millis() / 1000, latest(folder) + 1);
      path = folder.resolve("%s%010d.eosin".formatted(PREFIX, number));
      return new EventFile(
          path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  private static long latest(Path folder) throws IOException {
    long latest = -1;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*")) {
      for (Path file : files) {
        String number = file.getFileName().toString().substring(PREFIX.length());
        int end = 0;
        while (end < Math.min(number.length(), 18) && Character.isDigit(number.charAt(end))) {
          end++;
        }
        if (end > 0) {
          latest = Math.max(latest, Long.parseLong(number.substring(0, end)));
        }
      }
    }
    return latest;
  }

  Path path() {
    return path;
  }

  void append(byte[] content) throws DataException {
    ByteBuffer record = ByteBuffer.allocate(content.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(content.length);
    record.putInt(maskedChecksum(record.array(), 0, 8));
    record.put(content);
    record.putInt(maskedChecksum(record.array(), 12, content.length));
    record.flip();
    try {
      while (record.hasRemaining()) {
        channel.write(record);
      }
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  @Override
  public void close() throws DataException {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  /// CRC32C, rotated and shifted, as a record may itself hold checksums.
  private static int maskedChecksum(byte[] bytes, int from, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, from, length);
    return Integer.rotateRight((int) checksum.getValue(), 15) + 0xa282ead8;
  }

  private static DataException failure(Path path, IOException e) {
    return new DataException(
        path + ": the TensorBoard event file cannot be written: " + AtomicFile.reason(e), e);
  }
}
