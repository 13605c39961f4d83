package dev.eosin.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/// Random damage to a file: truncation, flipped bits, lengths that lie, bytes lost and repeated.
///
/// @param random draws kind and place; one mutation takes one generator
/// @param headers where the bytes that describe the rest begin
record Mutation(SplittableRandom random, int headers) {
  private static final long[] LIES = {
    0,
    1,
    -1,
    127,
    128,
    255,
    65_535,
    Integer.MAX_VALUE,
    1L << 31,
    1L << 32,
    1L << 40,
    1L << 60,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final int[] PICKLE_OPERATIONS = {
    '(', ')', ']', '}', 't', 'u', 's', 'a', 'e', 'b', 'R', 'Q', 'q', 'r', 'h', 'j', 'K', 'M', 'J',
    'N', 'X', 'c', '.', 0x85, 0x86, 0x87, 0x88, 0x8a, 0x8b, 0x8c, 0x8d, 0x8f, 0x90, 0x93, 0x94, 0x95
  };

  /// Damage near the start of a file, or where the pickle of a zip begins.
  static Mutation of(byte[] good, int number) {
    boolean zip = good.length > 0 && good[0] == 'P';
    return new Mutation(new SplittableRandom(number), zip ? Math.max(0, pickle(good) - 100) : 0);
  }

  /// One to three damages; the checksum of a zip's pickle is mended half of the time, because the
  /// damage would otherwise go no further.
  byte[] apply(byte[] good) {
    byte[] bad = good.clone();
    for (int i = random.nextInt(1, 4); i > 0 && bad.length > 0; i--) {
      bad = damage(bad);
    }
    return random.nextBoolean() ? mended(good, bad) : bad;
  }

  private byte[] damage(byte[] bytes) {
    int at = place(bytes.length);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (random.nextInt(16)) {
      case 0 -> {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      case 1 -> {
        return spliced(bytes, at, at + random.nextInt(1, 64));
      }
      case 2 -> {
        return spliced(bytes, at, Math.max(0, at - random.nextInt(1, 64)));
      }
      case 3, 4, 5 -> bytes[at] = (byte) random.nextInt();
      case 6, 7, 8 ->
          bytes[at] = (byte) PICKLE_OPERATIONS[random.nextInt(PICKLE_OPERATIONS.length)];
      case 9, 10, 11 -> lie(buffer, at, LIES[random.nextInt(LIES.length)] + random.nextInt(3) - 1);
      default -> bytes[at] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  /// Mostly where headers are: near their start, or in a zip's directory at the end.
  private int place(int length) {
    int header = Math.min(headers, length - 1);
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(length);
      case 1 -> Math.max(0, length - 1 - random.nextInt(2_000));
      default -> header + random.nextInt(Math.min(length - header, 1_000));
    };
  }

  private void lie(ByteBuffer bytes, int at, long value) {
    int size = 1 << random.nextInt(4);
    if (at + size > bytes.capacity()) {
      return;
    }
    for (int i = 0; i < size; i++) {
      bytes.put(at + i, (byte) (value >>> (8 * i)));
    }
  }

  private static byte[] spliced(byte[] bytes, int head, int tail) {
    int from = Math.min(tail, bytes.length);
    byte[] result = Arrays.copyOf(bytes, head + bytes.length - from);
    System.arraycopy(bytes, from, result, head, bytes.length - from);
    return result;
  }

  private static byte[] mended(byte[] good, byte[] bad) {
    if (good[0] != 'P' || bad.length != good.length) {
      return bad;
    }
    int begin = pickle(good);
    // The pickle ends where its STOP precedes the data descriptor's signature.
    int end = indexOf(good, new byte[] {'.', 'P', 'K'}, begin) + 1;
    byte[] old = checksum(good, begin, end);
    byte[] mended = checksum(bad, begin, end);
    for (int at = indexOf(bad, old, 0); at >= 0; at = indexOf(bad, old, at + 1)) {
      System.arraycopy(mended, 0, bad, at, mended.length);
      if (Arrays.equals(old, mended)) {
        break;
      }
    }
    return bad;
  }

  /// Where the pickle of a zip begins: after the first local header whose name ends so.
  private static int pickle(byte[] zip) {
    int name = indexOf(zip, "/data.pkl".getBytes(StandardCharsets.US_ASCII), 0);
    int at = name;
    while (zip[at] != 'P' || zip[at + 1] != 'K' || zip[at + 2] != 3 || zip[at + 3] != 4) {
      at--;
    }
    ByteBuffer header = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    return at + 30 + header.getShort(at + 26) + header.getShort(at + 28);
  }

  private static byte[] checksum(byte[] bytes, int begin, int end) {
    CRC32 crc = new CRC32();
    crc.update(bytes, begin, end - begin);
    return ByteBuffer.allocate(4)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) crc.getValue())
        .array();
  }

  private static int indexOf(byte[] bytes, byte[] wanted, int from) {
    for (int at = from; at <= bytes.length - wanted.length; at++) {
      if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    return -1;
  }
}
