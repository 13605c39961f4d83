package dev.eosin.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// A zip file in memory, usually mapped: its directory is read and checked at once, an entry's
/// bytes when asked for. Stored entries are slices of the file; deflated ones are unpacked.
///
/// The JDK's reader does not tell where an entry begins, so a stored entry could not stay mapped.
/// Read are zip and zip64 without encryption and without parts. A directory that claims more than
/// four times the file's size (and 16 MiB) of contents is refused: weights hardly compress.
final class ZipArchive {
  private static final int END_BYTES = 22;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END64_SIGNATURE = 0x06064b50;
  private static final int LOCATOR64_SIGNATURE = 0x07064b50;
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int LONGEST_COMMENT = 65_535;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;
  private static final long SMALL = 16L << 20;
  private static final int CHUNK = 1 << 28;

  private final MemorySegment file;
  private final Map<String, ZipEntryRecord> entries;

  private ZipArchive(MemorySegment file, Map<String, ZipEntryRecord> entries) {
    this.file = file;
    this.entries = Collections.unmodifiableMap(entries);
  }

  /// Reads and checks the directory.
  static ZipArchive read(MemorySegment file) throws MalformedFile {
    long end = findEnd(file);
    long count = ZipEntryRecord.unsigned16(file, end + 10);
    long size = ZipEntryRecord.unsigned32(file, end + 12);
    long begin = ZipEntryRecord.unsigned32(file, end + 16);
    long locator = end - 20;
    if (locator >= 0 && file.get(TensorData.INT, locator) == LOCATOR64_SIGNATURE) {
      long end64 = file.get(TensorData.LONG, locator + 8);
      if (end64 < 0 || end64 > locator - 56 || file.get(TensorData.INT, end64) != END64_SIGNATURE) {
        throw new MalformedFile("the zip64 end record is not where the file says");
      }
      count = file.get(TensorData.LONG, end64 + 32);
      size = file.get(TensorData.LONG, end64 + 40);
      begin = file.get(TensorData.LONG, end64 + 48);
    }
    if (size < 0 || begin < 0 || begin > end - size) {
      throw new MalformedFile("the zip directory reaches outside the file");
    }
    Map<String, ZipEntryRecord> entries =
        ZipEntryRecord.readAll(file.asSlice(begin, size), count, file.byteSize());
    long contents = 0;
    for (ZipEntryRecord entry : entries.values()) {
      contents += Math.min(entry.size(), Long.MAX_VALUE - contents);
    }
    if (contents > SMALL && contents / 4 > file.byteSize()) {
      throw new MalformedFile(
          "the zip directory claims %d bytes of contents in a file of %d bytes"
              .formatted(contents, file.byteSize()));
    }
    return new ZipArchive(file, entries);
  }

  /// The entries' names, in the directory's order.
  Iterable<String> names() {
    return entries.keySet();
  }

  boolean has(String name) {
    return entries.containsKey(name);
  }

  /// The size of an entry's contents in bytes; nothing is read.
  long size(String name) throws MalformedFile {
    return entry(name).size();
  }

  /// The contents of an entry, compared with its checksum.
  MemorySegment contents(String name) throws MalformedFile {
    ZipEntryRecord entry = entry(name);
    MemorySegment packed = packed(entry);
    MemorySegment contents =
        switch (entry.method()) {
          case STORED -> packed;
          case DEFLATED -> inflate(packed, entry);
          default ->
              throw new MalformedFile(
                  "entry %s is packed by method %d, only stored and deflated are read"
                      .formatted(Quote.of(name), entry.method()));
        };
    if (checksum(contents) != entry.checksum()) {
      throw new MalformedFile(
          "entry " + Quote.of(name) + " does not match its checksum: the file is damaged");
    }
    return contents;
  }

  private ZipEntryRecord entry(String name) throws MalformedFile {
    ZipEntryRecord entry = entries.get(name);
    if (entry == null) {
      throw new MalformedFile("has no entry " + Quote.of(name));
    }
    return entry;
  }

  private static long findEnd(MemorySegment file) throws MalformedFile {
    long last = file.byteSize() - END_BYTES;
    for (long at = last; at >= 0 && at >= last - LONGEST_COMMENT; at--) {
      if (file.get(TensorData.INT, at) == END_SIGNATURE
          && at + END_BYTES + ZipEntryRecord.unsigned16(file, at + 20) == file.byteSize()) {
        return at;
      }
    }
    throw new MalformedFile(
        "begins as a zip file but has no directory at its end: it is truncated");
  }

  private MemorySegment packed(ZipEntryRecord entry) throws MalformedFile {
    long at = entry.header();
    if (at > file.byteSize() - 30 || file.get(TensorData.INT, at) != LOCAL_SIGNATURE) {
      throw new MalformedFile("entry " + Quote.of(entry.name()) + " is not where the file says");
    }
    long begin =
        at
            + 30
            + ZipEntryRecord.unsigned16(file, at + 26)
            + ZipEntryRecord.unsigned16(file, at + 28);
    if (begin > file.byteSize() - entry.packedSize()) {
      throw new MalformedFile("entry " + Quote.of(entry.name()) + " reaches outside the file");
    }
    if (entry.method() == STORED && entry.packedSize() != entry.size()) {
      throw new MalformedFile("entry " + Quote.of(entry.name()) + " has two different sizes");
    }
    return file.asSlice(begin, entry.packedSize());
  }

  private static MemorySegment inflate(MemorySegment packed, ZipEntryRecord entry)
      throws MalformedFile {
    MemorySegment contents = Arena.ofAuto().allocate(Math.max(entry.size(), 1), 8);
    try (Inflater inflater = new Inflater(true)) {
      long read = 0;
      long written = 0;
      while (written < entry.size()) {
        if (inflater.needsInput() && read < packed.byteSize()) {
          long length = Math.min(CHUNK, packed.byteSize() - read);
          inflater.setInput(packed.asSlice(read, length).asByteBuffer());
          read += length;
        }
        long room = Math.min(CHUNK, entry.size() - written);
        int count = inflater.inflate(contents.asSlice(written, room).asByteBuffer());
        written += count;
        if (count == 0 && (inflater.finished() || read == packed.byteSize())) {
          throw new MalformedFile(
              "entry %s unpacks to %d bytes, expected %d"
                  .formatted(Quote.of(entry.name()), written, entry.size()));
        }
      }
    } catch (DataFormatException e) {
      throw new MalformedFile(
          "entry %s cannot be unpacked: %s".formatted(Quote.of(entry.name()), e.getMessage()));
    }
    return contents.asSlice(0, entry.size()).asReadOnly();
  }

  private static int checksum(MemorySegment contents) {
    CRC32 crc = new CRC32();
    for (long at = 0; at < contents.byteSize(); at += CHUNK) {
      long length = Math.min(CHUNK, contents.byteSize() - at);
      crc.update(contents.asSlice(at, length).asByteBuffer());
    }
    return (int) crc.getValue();
  }

  /// A short entry as Latin-1 text, trimmed; at most 64 bytes of it.
  String shortText(String name) throws MalformedFile {
    MemorySegment contents = contents(name);
    byte[] bytes =
        contents.asSlice(0, Math.min(64, contents.byteSize())).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.ISO_8859_1).strip();
  }
}
