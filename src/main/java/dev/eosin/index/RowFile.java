package dev.eosin.index;

import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What is known of the rows of an index, a line of JSON each. The first time that it is asked it
/// reads the file once and remembers where each line begins (8 bytes a row); then it reads the
/// lines that are asked for alone. Thread safe.
final class RowFile {
  private static final int BLOCK = 1 << 16;

  private final Path file;
  private final int count;
  private long[] starts = {};

  /// @param count lines that it has
  RowFile(Path file, int count) {
    this.file = file;
    this.count = count;
  }

  /// A line.
  ///
  /// @param place from 0
  interface Reader {
    ActivationRow row(int place) throws IOException;
  }

  /// Uses some lines, with the file open.
  interface Use {
    void of(Reader rows) throws IOException;
  }

  /// @throws DataException when it cannot be read, or has fewer lines than it should
  void read(Use use) throws DataException {
    try {
      long[] at = starts();
      try (var lines = new RandomAccessFile(file.toFile(), "r")) {
        use.of(
            place -> {
              byte[] line = new byte[Math.toIntExact(at[place + 1] - at[place])];
              lines.seek(at[place]);
              lines.readFully(line);
              return ActivationRow.ofLine(new String(line, StandardCharsets.UTF_8).stripTrailing());
            });
      }
    } catch (DataException already) {
      throw already;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  /// Where each line begins, and where the last one ends.
  private synchronized long[] starts() throws IOException {
    if (starts.length == 0) {
      starts = found();
    }
    return starts;
  }

  private long[] found() throws IOException {
    long[] found = new long[count + 1];
    int line = 0;
    long position = 0;
    byte[] block = new byte[BLOCK];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(block); read > 0 && line < count; read = in.read(block)) {
        for (int i = 0; i < read && line < count; i++) {
          if (block[i] == '\n') {
            found[++line] = position + i + 1;
          }
        }
        position += read;
      }
    }
    // The last line may end with the file.
    if (line == count - 1 && position > found[line]) {
      found[++line] = position;
    }
    if (line < count) {
      throw new DataException(
          "%s: ends after %d of %d rows; build the index anew".formatted(file, line, count));
    }
    return found;
  }
}
