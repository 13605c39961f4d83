package dev.eosin.data.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Reads a file of one JSON object a line from start to end; blank lines are passed over.
public final class JsonLines {
  private static final int LONGEST_LINE_BYTES = 64 << 20;
  private static final int BYTE_ORDER_MARK_BYTES = 3;

  private final Path path;
  private final JsonFile.RecordConsumer records;
  private byte[] window = new byte[1 << 16];
  private int begin;
  private int end;
  private long windowStart;
  private long line;

  private JsonLines(Path path, JsonFile.RecordConsumer records) {
    this.path = path;
    this.records = records;
  }

  /// @throws DataException naming the line that is not one JSON object
  public static void scan(Path path, JsonFile.RecordConsumer records) throws DataException {
    try (InputStream in = Files.newInputStream(path)) {
      new JsonLines(path, records).scan(in);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private void scan(InputStream in) throws IOException {
    int searched = 0;
    boolean more = true;
    while (more) {
      makeRoom();
      int count = in.read(window, end, window.length - end);
      more = count >= 0;
      end += Math.max(0, count);
      for (int i = begin + searched; i < end; i++) {
        if (window[i] == '\n') {
          take(i);
          begin = i + 1;
        }
      }
      searched = end - begin;
    }
    if (begin < end) {
      take(end);
    }
  }

  private void makeRoom() throws DataException {
    if (end < window.length) {
      return;
    }
    if (begin == 0 && window.length >= LONGEST_LINE_BYTES) {
      throw new DataException(
          "%s: line %d is longer than %d MiB; expected one object a line"
              .formatted(path, line + 1, LONGEST_LINE_BYTES >> 20));
    }
    byte[] target = begin == 0 ? Arrays.copyOf(window, 2 * window.length) : window;
    System.arraycopy(window, begin, target, 0, end - begin);
    window = target;
    windowStart += begin;
    end -= begin;
    begin = 0;
  }

  private void take(int stop) throws DataException {
    line++;
    int start =
        begin + (windowStart + begin == 0 && hasByteOrderMark() ? BYTE_ORDER_MARK_BYTES : 0);
    if (isBlank(start, stop)) {
      return;
    }
    int length = stop - start;
    records.accept(parse(start, length), line, windowStart + start, length);
  }

  private boolean hasByteOrderMark() {
    return end >= BYTE_ORDER_MARK_BYTES
        && window[0] == (byte) 0xEF
        && window[1] == (byte) 0xBB
        && window[2] == (byte) 0xBF;
  }

  private boolean isBlank(int start, int stop) {
    for (int i = start; i < stop; i++) {
      if (window[i] != ' ' && window[i] != '\t' && window[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  private JsonNode parse(int start, int length) throws DataException {
    try {
      JsonNode record = JsonFile.parse(window, start, length);
      if (record.isObject()) {
        return record;
      }
      throw new DataException(
          "%s: line %d is %s; expected one object a line, such as {\"image\": \"a.png\", ...}%s"
              .formatted(
                  path,
                  line,
                  JsonFields.kind(record),
                  record.isArray() ? " (an array of records takes type: json)" : ""));
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      String column =
          e instanceof JsonProcessingException json && json.getLocation() != null
              ? " at column " + json.getLocation().getColumnNr()
              : "";
      throw new DataException(
          "%s: line %d is not JSON%s: %s; expected one object a line"
              .formatted(path, line, column, JsonFile.reason(e)),
          e);
    }
  }
}
