package dev.eosin.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// One line of a zip file's directory.
///
/// @param name as the directory spells it
/// @param method how it is packed, as the zip format numbers it
/// @param checksum CRC-32 of the contents
/// @param packedSize bytes in the file
/// @param size bytes of the contents
/// @param header where the local header begins in the file
record ZipEntryRecord(
    String name, int method, int checksum, long packedSize, long size, long header) {
  private static final int SIGNATURE = 0x02014b50;
  private static final int FIXED_BYTES = 46;
  private static final long IN_EXTRA = 0xffff_ffffL;
  private static final int ENCRYPTED = 1;

  /// All lines of a directory.
  ///
  /// @param directory its bytes
  /// @param count of entries that the file claims
  /// @param fileSize no entry may claim to begin or to have more than this
  static Map<String, ZipEntryRecord> readAll(MemorySegment directory, long count, long fileSize)
      throws MalformedFile {
    Map<String, ZipEntryRecord> entries = new LinkedHashMap<>();
    long at = 0;
    while (at < directory.byteSize()) {
      if (directory.byteSize() - at < FIXED_BYTES
          || directory.get(TensorData.INT, at) != SIGNATURE) {
        throw new MalformedFile("the zip directory is damaged");
      }
      long length =
          (long) FIXED_BYTES
              + unsigned16(directory, at + 28)
              + unsigned16(directory, at + 30)
              + unsigned16(directory, at + 32);
      if (length > directory.byteSize() - at) {
        throw new MalformedFile("the zip directory ends within an entry");
      }
      ZipEntryRecord entry = read(directory.asSlice(at, length));
      if (entry.size < 0 || entry.packedSize < 0 || entry.header < 0) {
        throw new MalformedFile("entry " + Quote.of(entry.name) + " has a negative size");
      }
      if (entry.packedSize > fileSize) {
        throw new MalformedFile("entry " + Quote.of(entry.name) + " reaches outside the file");
      }
      if (entries.put(entry.name, entry) != null) {
        throw new MalformedFile("entry " + Quote.of(entry.name) + " is there twice");
      }
      at += length;
    }
    if (entries.size() != count) {
      throw new MalformedFile(
          "the zip directory has %d entries, the file says %d".formatted(entries.size(), count));
    }
    return entries;
  }

  private static ZipEntryRecord read(MemorySegment line) throws MalformedFile {
    int nameLength = unsigned16(line, 28);
    byte[] name = line.asSlice(FIXED_BYTES, nameLength).toArray(ValueLayout.JAVA_BYTE);
    String text = new String(name, StandardCharsets.UTF_8);
    if ((unsigned16(line, 8) & ENCRYPTED) != 0) {
      throw new MalformedFile("entry " + Quote.of(text) + " is encrypted");
    }
    long packedSize = unsigned32(line, 20);
    long size = unsigned32(line, 24);
    long header = unsigned32(line, 42);
    Wide wide = new Wide(line.asSlice(FIXED_BYTES + nameLength, unsigned16(line, 30)));
    size = size == IN_EXTRA ? wide.next() : size;
    packedSize = packedSize == IN_EXTRA ? wide.next() : packedSize;
    header = header == IN_EXTRA ? wide.next() : header;
    return new ZipEntryRecord(
        text, unsigned16(line, 10), line.get(TensorData.INT, 16), packedSize, size, header);
  }

  static int unsigned16(MemorySegment bytes, long at) {
    return Short.toUnsignedInt(bytes.get(TensorData.SHORT, at));
  }

  static long unsigned32(MemorySegment bytes, long at) {
    return Integer.toUnsignedLong(bytes.get(TensorData.INT, at));
  }

  /// The 64-bit numbers of a directory line's zip64 field, in order.
  private static final class Wide {
    private static final int ZIP64 = 1;
    private final MemorySegment extra;
    private long at;
    private long end;

    Wide(MemorySegment extra) {
      this.extra = extra;
      while (at <= extra.byteSize() - 4) {
        long fieldEnd = at + 4 + unsigned16(extra, at + 2);
        if (unsigned16(extra, at) == ZIP64) {
          at += 4;
          end = Math.min(fieldEnd, extra.byteSize());
          return;
        }
        at = fieldEnd;
      }
    }

    long next() throws MalformedFile {
      if (at > end - 8) {
        throw new MalformedFile("the zip directory lacks a 64-bit size");
      }
      at += 8;
      return extra.get(TensorData.LONG, at - 8);
    }
  }
}
