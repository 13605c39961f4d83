package dev.eosin.data.shard;

import java.io.IOException;

/// The bytes of one shard, wherever it lies, read at any position. Thread safe.
public interface ShardBytes {
  /// Stands for the shard in messages: a path or an address.
  String name();

  /// The shard's size in bytes when it was opened.
  long size();

  /// When it was last changed, in nanoseconds since 1970; 0 where that says nothing.
  long modifiedNanos();

  /// Exactly `count` bytes from `position` on.
  ///
  /// @throws LostShardException naming the shard, when it is gone or ends before
  /// @throws IOException naming the shard and the reason otherwise
  byte[] read(long position, int count) throws IOException;

  /// How many bytes one read of headers should fetch: small where reads are cheap.
  default int headerWindow() {
    return 8 * TarBlock.BYTES;
  }
}
