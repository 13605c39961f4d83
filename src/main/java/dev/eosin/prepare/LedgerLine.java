package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/// One line of a ledger: `<CRC-32C of the JSON text, 8 lower-case hexadecimal digits> <JSON>\n`.
final class LedgerLine {
  private static final int DIGITS = 8;

  private LedgerLine() {}

  /// The line with its end.
  static ByteBuffer of(byte[] json) {
    return ByteBuffer.allocate(DIGITS + 1 + json.length + 1)
        .put(checksum(json, 0, json.length).getBytes(StandardCharsets.US_ASCII))
        .put((byte) ' ')
        .put(json)
        .put((byte) '\n')
        .flip();
  }

  /// Where the line ends that starts at `from`; -1 where it does not before `to`.
  static int end(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  /// @param length without the line's end
  /// @throws IOException saying what is wrong with the line
  static JsonNode parse(byte[] bytes, int start, int length) throws IOException {
    if (length <= DIGITS || bytes[start + DIGITS] != ' ') {
      throw new IOException("it is no record; expected a checksum of 8 digits, a space and JSON");
    }
    int json = start + DIGITS + 1;
    String said = new String(bytes, start, DIGITS, StandardCharsets.ISO_8859_1);
    String found = checksum(bytes, json, length - DIGITS - 1);
    if (!said.equals(found)) {
      throw new IOException(
          "the record does not match its checksum: it has %s, expected %s".formatted(found, said));
    }
    return Json.value(bytes, json, length - DIGITS - 1);
  }

  private static String checksum(byte[] bytes, int start, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, start, length);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
