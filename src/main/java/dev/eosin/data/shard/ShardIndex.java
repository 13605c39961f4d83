package dev.eosin.data.shard;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/// Where the parts of each sample lie in one shard: eight bytes of memory for each part kept, and
/// the names of those samples alone whose header blocks cannot hold them.
public final class ShardIndex {
  private final int count;
  private final int[][] blocks;
  private final int[][] sizes;
  private final LongNames names;

  /// @param blocks by part, then sample: the header's position in blocks of 512 bytes
  /// @param sizes by part, then sample: the body's size in bytes, -1 where the sample lacks the
  ///   part
  ShardIndex(int count, int[][] blocks, int[][] sizes, LongNames names) {
    this.count = count;
    this.blocks = blocks;
    this.sizes = sizes;
    this.names = names;
  }

  /// Number of samples.
  public int size() {
    return count;
  }

  /// Where a part of sample `index` lies; empty where it has none or the part was not kept.
  public Optional<MemberPlace> place(int index, Part part) {
    int[] partSizes = sizes[part.ordinal()];
    return partSizes.length == 0 || partSizes[index] < 0
        ? Optional.empty()
        : Optional.of(MemberPlace.of(blocks[part.ordinal()][index], partSizes[index]));
  }

  /// The name of sample `index`, where its header blocks cannot hold it.
  public Optional<String> longName(int index) {
    return names.of(index);
  }

  /// Number of samples that have a part.
  public int with(Part part) {
    return (int) Arrays.stream(sizes[part.ordinal()]).filter(size -> size >= 0).count();
  }

  /// The samples that have all of `required`, and of them the parts `kept` alone.
  public ShardIndex select(Set<Part> kept, Set<Part> required) {
    ShardIndexBuilder selected = new ShardIndexBuilder(kept);
    for (int index = 0; index < count; index++) {
      int sample = index;
      if (required.stream().allMatch(part -> sizes[part.ordinal()][sample] >= 0)) {
        selected.copy(this, index);
      }
    }
    return selected.build();
  }

  /// A number that differs when samples were added, removed, moved or resized.
  public long checksum() {
    CRC32C crc = new CRC32C();
    for (Part part : Part.values()) {
      update(crc, blocks[part.ordinal()]);
      update(crc, sizes[part.ordinal()]);
    }
    return crc.getValue();
  }

  private static void update(CRC32C crc, int[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * values.length);
    bytes.asIntBuffer().put(values);
    crc.update(bytes);
  }

  int block(int index, Part part) {
    int[] partBlocks = blocks[part.ordinal()];
    return partBlocks.length == 0 ? 0 : partBlocks[index];
  }

  int bytes(int index, Part part) {
    int[] partSizes = sizes[part.ordinal()];
    return partSizes.length == 0 ? -1 : partSizes[index];
  }

  LongNames names() {
    return names;
  }
}
