package dev.eosin.image.formats;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.InflaterInputStream;

/// The chunks of a PNG file that hold no pixels: what may tell its orientation.
///
/// Reads nothing outside of the file, whatever lengths it names; a text that cannot be unpacked, or
/// not to less than a mebibyte, counts as none.
///
/// @param bytes the whole file
@SuppressWarnings("ArrayRecordComponent") // the file's bytes, shared: identity equality is meant
record PngTexts(byte[] bytes) {
  private static final int SIGNATURE = 8;
  private static final int LONGEST = 1 << 20;

  /// The content of the last chunk of a type.
  Optional<byte[]> chunk(String type) {
    return last(type, new byte[0]);
  }

  /// The text under a keyword: the last `tEXt`, else `zTXt`, else `iTXt`.
  Optional<byte[]> text(String keyword) {
    byte[] start = (keyword + "\0").getBytes(StandardCharsets.ISO_8859_1);
    return last("tEXt", start)
        .or(() -> last("zTXt", start).flatMap(text -> unpacked(text, 1)))
        .or(() -> last("iTXt", start).flatMap(PngTexts::international));
  }

  /// What follows `start` in the last chunk of a type that begins so.
  private Optional<byte[]> last(String type, byte[] start) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    Optional<byte[]> found = Optional.empty();
    long position = SIGNATURE;
    while (position + 12 <= bytes.length) {
      int at = (int) position;
      long length = unsignedInt(at);
      int content = at + 8;
      int end = (int) Math.min(content + length, bytes.length);
      if (holds(at + 4, end, name) && holds(content, end, start)) {
        found = Optional.of(Arrays.copyOfRange(bytes, content + start.length, end));
      }
      position += 12 + length;
    }
    return found;
  }

  /// Compression flag and method, language and translated keyword come before the text.
  private static Optional<byte[]> international(byte[] content) {
    int language = indexOfZero(content, 2);
    int translated = indexOfZero(content, language + 1);
    if (translated >= content.length) {
      return Optional.empty();
    }
    return content[0] == 0
        ? Optional.of(Arrays.copyOfRange(content, translated + 1, content.length))
        : unpacked(content, translated + 1);
  }

  private static int indexOfZero(byte[] content, int start) {
    int at = start;
    while (at < content.length && content[at] != 0) {
      at++;
    }
    return at;
  }

  private static Optional<byte[]> unpacked(byte[] content, int start) {
    if (start > content.length) {
      return Optional.empty();
    }
    ByteArrayInputStream packed = new ByteArrayInputStream(content, start, content.length - start);
    try (InflaterInputStream text = new InflaterInputStream(packed)) {
      byte[] unpacked = text.readNBytes(LONGEST);
      return unpacked.length < LONGEST ? Optional.of(unpacked) : Optional.empty();
    } catch (IOException broken) {
      return Optional.empty();
    }
  }

  private long unsignedInt(int position) {
    long value = 0;
    for (int i = 0; i < 4; i++) {
      value = value << 8 | (bytes[position + i] & 0xFF);
    }
    return value;
  }

  private boolean holds(int start, int end, byte[] text) {
    return start + text.length <= end
        && Arrays.equals(bytes, start, start + text.length, text, 0, text.length);
  }
}
