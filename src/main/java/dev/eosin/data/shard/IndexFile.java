package dev.eosin.data.shard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The bytes of an index file, version 2; docs/formats.md is the specification.
///
/// @param stamp of the shard that was indexed
/// @param passedOver its members that are no part of a sample
record IndexFile(ShardStamp stamp, ShardIndex index, List<PassedOver> passedOver) {
  private static final byte[] MAGIC = "EOSINTAR".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 2;
  private static final int HEADER_BYTES = 56;
  private static final int PARTS = Part.values().length;

  IndexFile {
    passedOver = List.copyOf(passedOver);
  }

  byte[] bytes() {
    LongNames names = index.names();
    List<byte[]> texts = names.names().stream().map(IndexFile::utf8).toList();
    List<byte[]> reasons = passedOver.stream().map(each -> utf8(each.reason())).toList();
    List<byte[]> examples = passedOver.stream().map(each -> utf8(each.example())).toList();
    int textBytes =
        texts.stream().mapToInt(text -> 8 + text.length).sum()
            + reasons.stream().mapToInt(text -> 8 + 4 + text.length).sum()
            + examples.stream().mapToInt(text -> 4 + text.length).sum();
    ByteBuffer out = little(new byte[HEADER_BYTES + 8 * PARTS * index.size() + textBytes + 4]);
    out.put(MAGIC).putInt(VERSION).putInt(index.size());
    out.putLong(stamp.size()).putLong(stamp.modifiedNanos()).putLong(stamp.lastHeader());
    out.putLong(stamp.headers()).putInt(texts.size()).putInt(passedOver.size());
    for (Part part : Part.values()) {
      for (int sample = 0; sample < index.size(); sample++) {
        out.putInt(index.block(sample, part)).putInt(index.bytes(sample, part));
      }
    }
    for (int i = 0; i < texts.size(); i++) {
      out.putInt(names.samples()[i]).putInt(texts.get(i).length).put(texts.get(i));
    }
    for (int i = 0; i < passedOver.size(); i++) {
      out.putLong(passedOver.get(i).count());
      out.putInt(reasons.get(i).length).put(reasons.get(i));
      out.putInt(examples.get(i).length).put(examples.get(i));
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
    int passed = in.getInt();
    boolean fits = count >= 0 && 8L * PARTS * count <= in.remaining() - 4;
    if (!Arrays.equals(magic, MAGIC) || version != VERSION || !fits) {
      return Optional.empty();
    }
    int[][] blocks = new int[PARTS][count];
    int[][] sizes = new int[PARTS][count];
    boolean inside = columns(in, stamp.size(), blocks, sizes);
    Optional<LongNames> longNames = names(in, names, count);
    Optional<List<PassedOver>> passedOver = passedOver(in, passed);
    return inside && longNames.isPresent() && passedOver.isPresent() && in.remaining() == 4
        ? Optional.of(
            new IndexFile(
                stamp, new ShardIndex(count, blocks, sizes, longNames.get()), passedOver.get()))
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
      texts.add(utf8(in, length));
    }
    return Optional.of(new LongNames(samples, texts));
  }

  private static Optional<List<PassedOver>> passedOver(ByteBuffer in, int reasons) {
    List<PassedOver> all = new ArrayList<>();
    for (int i = 0; i < reasons; i++) {
      if (in.remaining() < 8 + 4 + 4) {
        return Optional.empty();
      }
      long count = in.getLong();
      Optional<String> reason = text(in);
      Optional<String> example = reason.isEmpty() ? Optional.empty() : text(in);
      if (count < 1 || example.isEmpty()) {
        return Optional.empty();
      }
      all.add(new PassedOver(reason.get(), count, example.get()));
    }
    return Optional.of(all);
  }

  /// A text with its length before it; empty where it does not fit.
  private static Optional<String> text(ByteBuffer in) {
    int length = in.remaining() < 8 ? -1 : in.getInt();
    return length < 0 || length > in.remaining() - 4
        ? Optional.empty()
        : Optional.of(utf8(in, length));
  }

  private static String utf8(ByteBuffer in, int length) {
    byte[] text = new byte[length];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
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
