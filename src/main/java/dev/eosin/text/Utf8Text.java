package dev.eosin.text;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.OptionalLong;

/// Text from files that others wrote: UTF-8, with or without a byte order mark, or refused. Nothing
/// is replaced by U+FFFD.
public final class Utf8Text {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int MARK_BYTES = 3;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private long position;
  private long lead;
  private int wanted;
  private int least;
  private int most;

  private Utf8Text() {}

  /// Reads a whole text file to see whether it is UTF-8.
  ///
  /// @throws DataException naming the line and the byte where it is not, and how to convert it
  /// @throws IOException when it cannot be read
  public static void check(Path file) throws IOException {
    OptionalLong fault;
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      Utf8Text text = new Utf8Text();
      byte[] buffer = new byte[BUFFER_BYTES];
      int count = in.readNBytes(buffer, 0, buffer.length);
      start = java.util.Arrays.copyOf(buffer, Math.min(4, count));
      wide(start, file.toString(), file);
      fault = OptionalLong.empty();
      while (count > 0 && fault.isEmpty()) {
        fault = text.take(buffer, count);
        count = in.readNBytes(buffer, 0, buffer.length);
      }
      fault = fault.isPresent() ? fault : text.end();
    }
    if (fault.isPresent()) {
      throw describe(file, fault.getAsLong());
    }
  }

  /// The text in some bytes, without a byte order mark before it.
  ///
  /// @param name stands for the bytes in messages
  /// @throws DataException naming the line and the byte where they are not UTF-8
  public static String decode(String name, byte[] bytes) throws DataException {
    Utf8Text text = new Utf8Text();
    OptionalLong fault = text.take(bytes, bytes.length);
    fault = fault.isPresent() ? fault : text.end();
    wide(bytes, name, Path.of("FILE"));
    if (fault.isPresent()) {
      int at = (int) fault.getAsLong();
      throw new DataException(
          "%s: line %d, byte %d: 0x%02X is not UTF-8; convert the text before it is packed, if it"
                  .formatted(name, 1 + lineEnds(bytes, at), at, bytes[at])
              + " is Latin-1 or Windows-1252 with iconv -f WINDOWS-1252 -t UTF-8");
    }
    int from = hasMark(bytes) ? MARK_BYTES : 0;
    return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
  }

  private static boolean hasMark(byte[] bytes) {
    return bytes.length >= MARK_BYTES
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF;
  }

  private static long lineEnds(byte[] bytes, int count) {
    long lines = 0;
    for (int i = 0; i < count; i++) {
      lines += bytes[i] == '\n' ? 1 : 0;
    }
    return lines;
  }

  private static DataException describe(Path file, long fault) throws IOException {
    long lines = 1;
    int found = 0;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (long left = fault; left >= 0; ) {
        int count = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, left + 1));
        if (count == 0) {
          break;
        }
        lines += lineEnds(buffer, count);
        found = buffer[count - 1];
        left -= count;
      }
    }
    return new DataException(
        "%s: line %d, byte %d: 0x%02X is not UTF-8; if the file is Latin-1 or Windows-1252, convert it: %s"
            .formatted(file, lines, fault, (byte) found, iconv("WINDOWS-1252", file)));
  }

  /// Refuses UTF-16 and UTF-32, by their byte order mark or by the zero bytes of Latin letters.
  private static void wide(byte[] bytes, String name, Path file) throws DataException {
    int first = bytes.length < 2 ? -1 : (bytes[0] & 0xFF) << 8 | bytes[1] & 0xFF;
    int second = bytes.length < 4 ? -1 : (bytes[2] & 0xFF) << 8 | bytes[3] & 0xFF;
    String encoding =
        switch (first) {
          case 0xFFFE -> second == 0 ? "UTF-32" : "UTF-16";
          case 0xFEFF -> "UTF-16";
          case 0 -> second == 0xFEFF ? "UTF-32" : "";
          default -> second < 0 ? "" : zeros(bytes);
        };
    if (!encoding.isEmpty()) {
      throw new DataException(
          "%s: is %s text (it starts with the bytes %s), expected UTF-8; convert it: %s"
              .formatted(
                  name,
                  encoding,
                  HexFormat.ofDelimiter(" ").withUpperCase().formatHex(bytes, 0, 2),
                  iconv(encoding, file)));
    }
  }

  private static String zeros(byte[] bytes) {
    boolean little = bytes[0] != 0 && bytes[1] == 0 && bytes[2] != 0 && bytes[3] == 0;
    boolean big = bytes[0] == 0 && bytes[1] != 0 && bytes[2] == 0 && bytes[3] != 0;
    return little ? "UTF-16LE" : big ? "UTF-16BE" : "";
  }

  private static String iconv(String from, Path file) {
    return "iconv -f %s -t UTF-8 '%s' > '%s.utf8'".formatted(from, file, file);
  }

  /// Checks the next bytes (Unicode 16, table 3-7).
  ///
  /// @return the position of the first byte that is at fault
  private OptionalLong take(byte[] bytes, int count) {
    int i = 0;
    while (i < count) {
      if (wanted == 0 && i + Long.BYTES <= count && ((long) LONGS.get(bytes, i) & HIGH_BITS) == 0) {
        i += Long.BYTES;
        continue;
      }
      int value = bytes[i] & 0xFF;
      if (wanted > 0) {
        if (value < least || value > most) {
          return OptionalLong.of(lead);
        }
        wanted--;
        least = 0x80;
        most = 0xBF;
      } else if (value >= 0x80) {
        lead = position + i;
        wanted = value < 0xC2 || value > 0xF4 ? -1 : value < 0xE0 ? 1 : value < 0xF0 ? 2 : 3;
        if (wanted < 0) {
          return OptionalLong.of(lead);
        }
        least = value == 0xE0 ? 0xA0 : value == 0xF0 ? 0x90 : 0x80;
        most = value == 0xED ? 0x9F : value == 0xF4 ? 0x8F : 0xBF;
      }
      i++;
    }
    position += count;
    return OptionalLong.empty();
  }

  /// The position of a character that is cut off at the end.
  private OptionalLong end() {
    return wanted > 0 ? OptionalLong.of(lead) : OptionalLong.empty();
  }
}
