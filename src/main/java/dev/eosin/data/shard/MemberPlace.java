package dev.eosin.data.shard;

/// Where a member lies in its shard.
///
/// @param header position of the header block directly before the body, in bytes
/// @param size of the body, in bytes
public record MemberPlace(long header, int size) {
  static MemberPlace of(int block, int size) {
    return new MemberPlace((long) block * TarBlock.BYTES, size);
  }
}
