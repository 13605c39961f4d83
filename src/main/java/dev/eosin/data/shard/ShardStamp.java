package dev.eosin.data.shard;

import java.io.IOException;
import java.util.zip.CRC32C;

/// Tells whether a shard is the one that was indexed.
///
/// @param size in bytes
/// @param modifiedNanos when it was last changed, in nanoseconds since 1970; 0 for remote shards,
///   whose copies on servers carry no comparable time
/// @param lastHeader position of the last header block, in bytes
/// @param headers CRC-32C of the first and the last header block
record ShardStamp(long size, long modifiedNanos, long lastHeader, long headers) {
  /// The stamp of a shard as it is now.
  static ShardStamp of(ShardBytes file, long lastHeader) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(file.read(0, TarBlock.BYTES));
    crc.update(file.read(lastHeader, TarBlock.BYTES));
    return new ShardStamp(file.size(), file.modifiedNanos(), lastHeader, crc.getValue());
  }

  /// Whether the shard still has this stamp.
  boolean fits(ShardBytes file) throws IOException {
    boolean inside = lastHeader >= 0 && lastHeader <= file.size() - TarBlock.BYTES;
    return inside
        && size == file.size()
        && modifiedNanos == file.modifiedNanos()
        && equals(of(file, lastHeader));
  }
}
