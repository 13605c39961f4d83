package dev.eosin.slide;

import dev.eosin.config.DataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds the directories of a TIFF or BigTIFF file. Chains that return to themselves, point outside
/// of the file or never end are refused.
final class TiffDirectories {
  static final int MOST_DIRECTORIES = 10_000;
  private static final int MOST_ENTRIES = 4_096;

  /// More than a slide of 500,000 x 500,000 px in tiles of 256 px has with all its levels.
  private static final long MOST_PIECES = 6_000_000;

  private static final int CLASSIC = 42;
  private static final int BIG = 43;

  private final SlideFile file;
  private final ByteOrder order;
  private final boolean big;
  private final Set<Long> visited = new HashSet<>();
  private long pieces;

  private TiffDirectories(SlideFile file, ByteOrder order, boolean big) {
    this.file = file;
    this.order = order;
    this.big = big;
  }

  /// Whether a file begins as TIFF does.
  static boolean begins(byte[] head) {
    if (head.length < 8 || head[0] != head[1] || head[0] != 'I' && head[0] != 'M') {
      return false;
    }
    int version = ByteBuffer.wrap(head).order(order(head)).getShort(2);
    return version == CLASSIC || version == BIG;
  }

  private static ByteOrder order(byte[] head) {
    return head[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
  }

  /// The directories of the file's chain.
  ///
  /// @throws DataException when the structure is broken
  static TiffDirectories of(SlideFile file) throws DataException {
    byte[] head = file.read(0, 8, "the header");
    ByteOrder order = order(head);
    boolean big = ByteBuffer.wrap(head).order(order).getShort(2) == BIG;
    return new TiffDirectories(file, order, big);
  }

  /// From the header on.
  List<TiffDirectory> chain() throws DataException {
    int at = big ? 8 : 4;
    return chain(number(file.read(at, at, "the header"), 0, at));
  }

  /// From a directory on, such as one that another names.
  List<TiffDirectory> chain(long first) throws DataException {
    List<TiffDirectory> found = new ArrayList<>();
    for (long offset = first; offset != 0; ) {
      if (!visited.add(offset)) {
        throw new DataException(
            "%s: the chain of TIFF directories returns to byte %d; the file is corrupt"
                .formatted(file.path(), offset));
      }
      if (visited.size() > MOST_DIRECTORIES) {
        throw new DataException(
            "%s: more than %d TIFF directories; the file is corrupt or no slide"
                .formatted(file.path(), MOST_DIRECTORIES));
      }
      offset = read(offset, found);
    }
    return found;
  }

  private long read(long offset, List<TiffDirectory> found) throws DataException {
    String what = "directory %d of the TIFF structure".formatted(visited.size() - 1);
    int countBytes = big ? 8 : 2;
    int entryBytes = big ? 20 : 12;
    int next = big ? 8 : 4;
    long count = number(file.read(offset, countBytes, what), 0, countBytes);
    if (count < 0 || count > MOST_ENTRIES) {
      throw new DataException(
          "%s: %s says that it has %d fields; the file is corrupt"
              .formatted(file.path(), what, count));
    }
    long begin = offset + countBytes;
    byte[] bytes = file.read(begin, count * entryBytes + next, what);
    Map<Integer, TiffDirectory.Entry> entries = new HashMap<>();
    for (int at = 0; at < count * entryBytes; at += entryBytes) {
      int tag = (int) number(bytes, at, 2);
      if (TiffDirectory.READ.contains(tag)) {
        entries.putIfAbsent(tag, entry(bytes, at, begin));
      }
    }
    TiffDirectory directory =
        new TiffDirectory(file, order, visited.size() - 1, Map.copyOf(entries));
    countPieces(directory);
    found.add(directory);
    return number(bytes, (int) count * entryBytes, next);
  }

  /// Directories may share one table of tiles, so that the file's size bounds nothing.
  private void countPieces(TiffDirectory directory) throws DataException {
    long more =
        Math.max(
            directory.count(TiffDirectory.TILE_OFFSETS),
            directory.count(TiffDirectory.STRIP_OFFSETS));
    pieces += Math.clamp(more, 0, MOST_PIECES + 1);
    if (pieces > MOST_PIECES) {
      throw new DataException(
          "%s: its first %d TIFF directories have more than %d tiles and strips together; the file is corrupt or no slide"
              .formatted(file.path(), visited.size(), MOST_PIECES));
    }
  }

  /// Short contents stand in the entry itself.
  private TiffDirectory.Entry entry(byte[] bytes, int at, long begin) {
    int room = big ? 8 : 4;
    int type = (int) number(bytes, at + 2, 2);
    long count = number(bytes, at + 4, room);
    int width =
        switch (type) {
          case 3, 8 -> 2;
          case 4, 9, 11, 13 -> 4;
          case 5, 10, 12, 16, 17, 18 -> 8;
          default -> 1;
        };
    boolean inside = count >= 0 && count <= room / width;
    long value = at + 4L + room;
    return new TiffDirectory.Entry(
        type, count, inside ? begin + value : number(bytes, (int) value, room));
  }

  private long number(byte[] bytes, int at, int width) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
    return switch (width) {
      case 2 -> buffer.getShort(at) & 0xFFFF;
      case 4 -> buffer.getInt(at) & 0xFFFFFFFFL;
      default -> buffer.getLong(at);
    };
  }
}
