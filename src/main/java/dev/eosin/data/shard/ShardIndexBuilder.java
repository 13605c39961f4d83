package dev.eosin.data.shard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Collects samples in order, of each the parts that are kept.
final class ShardIndexBuilder {
  private static final int ABSENT = -1;
  private static final int PARTS = Part.values().length;

  private final Set<Part> kept;
  private final int[][] blocks = new int[PARTS][];
  private final int[][] sizes = new int[PARTS][];
  private int[] longSamples = new int[0];
  private final List<String> longNames = new ArrayList<>();
  private int capacity = 64;
  private int count;

  ShardIndexBuilder(Set<Part> kept) {
    this.kept = EnumSet.copyOf(kept);
    for (Part part : Part.values()) {
      blocks[part.ordinal()] = new int[kept.contains(part) ? capacity : 0];
      sizes[part.ordinal()] = new int[kept.contains(part) ? capacity : 0];
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  /// Starts a sample that has no parts yet.
  void begin() {
    if (count == capacity) {
      capacity *= 2;
      for (Part part : kept) {
        int p = part.ordinal();
        blocks[p] = Arrays.copyOf(blocks[p], capacity);
        sizes[p] = Arrays.copyOf(sizes[p], capacity);
      }
    }
    kept.forEach(part -> sizes[part.ordinal()][count] = ABSENT);
    count++;
  }

  /// Names the sample begun last.
  void name(String name) {
    int at = longNames.size();
    if (at > 0 && longSamples[at - 1] == count - 1) {
      return;
    }
    if (at == longSamples.length) {
      longSamples = Arrays.copyOf(longSamples, Math.max(16, 2 * at));
    }
    longSamples[at] = count - 1;
    longNames.add(name);
  }

  /// Places a part of the sample begun last.
  void put(Part part, int block, int size) {
    blocks[part.ordinal()][count - 1] = block;
    sizes[part.ordinal()][count - 1] = size;
  }

  void copy(ShardIndex from, int index) {
    begin();
    kept.forEach(part -> put(part, from.block(index, part), from.bytes(index, part)));
    from.longName(index).ifPresent(this::name);
  }

  ShardIndex build() {
    for (Part part : kept) {
      int p = part.ordinal();
      blocks[p] = Arrays.copyOf(blocks[p], count);
      sizes[p] = Arrays.copyOf(sizes[p], count);
    }
    LongNames names = new LongNames(Arrays.copyOf(longSamples, longNames.size()), longNames);
    return new ShardIndex(count, blocks, sizes, names);
  }
}
