package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Reads a ledger from start to end.
final class LedgerScan {
  private static final int WINDOW = 1 << 20;

  private final Path file;
  private final Records records;
  private byte[] window = new byte[WINDOW];
  private int filled;
  private long windowStart;
  private long line;

  private LedgerScan(Path file, Records records) {
    this.file = file;
    this.records = records;
  }

  /// Takes each record as the file is read.
  @FunctionalInterface
  interface Records {
    /// @param line from 1
    /// @param offset of the line in the file, in bytes
    /// @throws IOException saying what is wrong with the record
    void take(JsonNode record, long line, long offset) throws IOException;
  }

  /// What was found.
  ///
  /// @param lines that are whole
  /// @param length of these lines in bytes
  /// @param torn what follows the last line end
  record Found(long lines, long length, byte[] torn) {}

  /// @throws DataException when a line that has its end is not what was written; a line without an
  ///   end is what a killed process or a full disk leaves
  static Found scan(Path file, Records records) throws DataException {
    try (InputStream in = Files.newInputStream(file)) {
      return new LedgerScan(file, records).scan(in);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private Found scan(InputStream in) throws IOException {
    int searched = 0;
    for (int count = in.read(window, 0, window.length); count >= 0; count = read(in)) {
      filled += count;
      int begin = 0;
      int end = LedgerLine.end(window, searched, filled);
      while (end >= 0) {
        take(begin, end);
        begin = end + 1;
        end = LedgerLine.end(window, begin, filled);
      }
      System.arraycopy(window, begin, window, 0, filled - begin);
      filled -= begin;
      windowStart += begin;
      searched = filled;
    }
    return new Found(line, windowStart, Arrays.copyOf(window, filled));
  }

  private int read(InputStream in) throws IOException {
    if (filled == window.length) {
      if (filled > 2 * LedgerFile.LONGEST) {
        line++;
        throw corrupt(
            windowStart, new IOException("the line has more than %d bytes".formatted(filled)));
      }
      window = Arrays.copyOf(window, 2 * window.length);
    }
    return in.read(window, filled, window.length - filled);
  }

  private void take(int begin, int end) throws DataException {
    line++;
    long offset = windowStart + begin;
    try {
      records.take(LedgerLine.parse(window, begin, end - begin), line, offset);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw corrupt(offset, e);
    }
  }

  private DataException corrupt(long offset, IOException cause) {
    String reason = Quote.line(String.valueOf(cause.getMessage()));
    return new DataException(
        "%s: line %d, at byte %d: %s; restore the file from a copy, or give up this record and all after it, which are then prepared again: truncate -s %d %s"
            .formatted(file, line, offset, reason, offset, file),
        cause);
  }
}
