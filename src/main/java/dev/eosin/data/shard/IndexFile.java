package dev.eosin.data.shard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The bytes of an index file, version 1; docs/formats.md is the specification.
///
/// @param stamp of the shard that was indexed
record IndexFile(ShardStamp stamp, ShardIndex index) {
  private static final byte[] MAGIC = "EOSINTAR".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 56;
  private static final int PARTS = Part.values().length;

  byte[] bytes() {
    LongNames names = index.names();
    List<byte[]> texts =
        names.names().stream().map(name -> name.getBytes(StandardCharsets.UTF_8)).toList();
    int textBytes = texts.stream().mapToInt(text -> 8 + text.length).sum();
    ByteBuffer out = little(new byte[HEADER_BYTES + 8 * PARTS * index.size() + textBytes + 4]);
    out.put(MAGIC).putInt(VERSION).putInt(index.size());
    out.putLong(stamp.size()).putLong(stamp.modifiedNanos()).putLong(stamp.lastHeader());
    out.putLong(stamp.headers()).putInt(texts.size()).putInt(0);
    for (Part part : Part.values()) {
      for (int sample = 0; sample < index.size(); sample++) {
        out.putInt(index.block(sample, part)).putInt(index.bytes(sample, part));
      }
    }
    for (int i = 0; i < texts.size(); i++) {
      out.putInt(names.samples()[i]).putInt(texts.get(i).length).put(texts.get(i));
    }
    CRC32C crc = new CRC32C();
    crc.update(out.array(), 0, out.position());
    return out.putInt((int) crc.getValue()).array();
  }

  /// Reads what [#bytes()] gave; empty for anything else, which is then made anew.
  static Optional<IndexFile> parse(byte[] bytes) {
    ByteBuffer in = little(bytes);
    if (bytes.length < HEADER_BYTES + 4 || !isIntact(bytes)) {
      return Optional.empty();
    }
    byte[] magic = new byte[MAGIC.length];
    in.get(magic);
    int version = in.getInt();
    int count = in.getInt();
    ShardStamp stamp = new ShardStamp(in.getLong(), in.getLong(), in.getLong(), in.getLong());
    int names = in.getInt();
    in.getInt();
    boolean fits = count >= 0 && 8L * PARTS * count <= in.remaining() - 4;
    if (!Arrays.equals(magic, MAGIC) || version != VERSION || !fits) {
      return Optional.empty();
    }
    int[][] blocks = new int[PARTS][count];
    int[][] sizes = new int[PARTS][count];
    boolean inside = columns(in, stamp.size(), blocks, sizes);
    Optional<LongNames> longNames = names(in, names, count);
    return inside && longNames.isPresent()
        ? Optional.of(new IndexFile(stamp, new ShardIndex(count, blocks, sizes, longNames.get())))
        : Optional.empty();
  }

  private static boolean columns(ByteBuffer in, long shardSize, int[][] blocks, int[][] sizes) {
    boolean inside = true;
    for (int part = 0; part < PARTS; part++) {
      for (int sample = 0; sample < blocks[part].length; sample++) {
        int block = in.getInt();
        int size = in.getInt();
        long end = (block + 1L) * TarBlock.BYTES + Math.max(0, size);
        inside &= block >= 0 && size >= -1 && end <= shardSize;
        blocks[part][sample] = block;
        sizes[part][sample] = size;
      }
    }
    return inside;
  }

  private static Optional<LongNames> names(ByteBuffer in, int names, int count) {
    if (names < 0 || names > count) {
      return Optional.empty();
    }
    int[] samples = new int[names];
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < names; i++) {
      if (in.remaining() < 12) {
        return Optional.empty();
      }
      samples[i] = in.getInt();
      int length = in.getInt();
      boolean ascends = i == 0 || samples[i] > samples[i - 1];
      if (!ascends || length < 0 || length > in.remaining() - 4) {
        return Optional.empty();
      }
      byte[] text = new byte[length];
      in.get(text);
      texts.add(new String(text, StandardCharsets.UTF_8));
    }
    return in.remaining() == 4 ? Optional.of(new LongNames(samples, texts)) : Optional.empty();
  }

  private static boolean isIntact(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - 4);
    return little(bytes).getInt(bytes.length - 4) == (int) crc.getValue();
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
