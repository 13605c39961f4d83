package dev.eosin.data.parquet;

import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.format.CompressionCodec;

/// Unpacks pages.
final class ParquetCodec {
  // No page that a writer makes packs better than this; a damaged size must not reserve memory.
  private static final long MOST_TIMES = 64;
  private static final long ALWAYS_ALLOWED_BYTES = 64L << 20;

  private ParquetCodec() {}

  /// @param unpacked the size that the page's header gives
  /// @throws IOException when the codec is not read, or the bytes are not what they should be
  static byte[] unpack(CompressionCodec codec, byte[] packed, int unpacked) throws IOException {
    if (unpacked < 0 || unpacked > ALWAYS_ALLOWED_BYTES + MOST_TIMES * packed.length) {
      throw new IOException(
          "a page of %d bytes claims to unpack to %d".formatted(packed.length, unpacked));
    }
    byte[] bytes =
        switch (codec) {
          case UNCOMPRESSED -> packed;
          case SNAPPY -> unpack(new SnappyDecompressor(), packed, unpacked);
          case ZSTD -> unpack(new ZstdDecompressor(), packed, unpacked);
          case LZ4_RAW -> unpack(new Lz4Decompressor(), packed, unpacked);
          case GZIP -> gunzip(packed, unpacked);
          case LZO, BROTLI, LZ4 ->
              throw new IOException(
                  "its pages are packed with %s; write it with snappy, zstd, gzip, lz4_raw or none"
                      .formatted(codec));
        };
    if (bytes.length != unpacked) {
      throw new IOException(
          "a page unpacks to %d bytes instead of %d".formatted(bytes.length, unpacked));
    }
    return bytes;
  }

  private static byte[] unpack(Decompressor codec, byte[] packed, int unpacked) {
    byte[] bytes = new byte[unpacked];
    int count = codec.decompress(packed, 0, packed.length, bytes, 0, unpacked);
    return count == unpacked ? bytes : Arrays.copyOf(bytes, count);
  }

  private static byte[] gunzip(byte[] packed, int unpacked) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return in.readNBytes(unpacked);
    }
  }
}
