package dev.eosin.curate.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Finds among many sets one that is like a given one: MinHash in bands as candidates, each of
/// which is then compared exactly, so that nothing is found that is not alike.
///
/// Memory for a million captions of 50 words at 80 %: 0.38 GB, of which the bands take 0.15.
/// Nothing large is copied to grow: Java keeps what copies leave behind.
public final class MinHashIndex {
  static final int NONE = -1;
  private static final int CHUNK = 1 << 20;

  private final MinHashBands hashes;
  private final int bands;
  private final int[] heads;
  private final List<int[]> chunks = new ArrayList<>();
  private int used = CHUNK;
  private final List<int[]> next = new ArrayList<>();
  private long[] places = new long[1024];
  private int[] ends = new int[1024];
  private int[] looked = new int[1024];
  private int size;
  private int query;

  MinHashIndex(MinHashBands hashes) {
    this.hashes = hashes;
    bands = hashes.count();
    heads = new int[hashes.places()];
    Arrays.fill(heads, NONE);
  }

  /// The first set that is like this one, or [#NONE].
  ///
  /// @param set sorted, each once
  int find(int[] set) {
    return set.length == 0 ? NONE : find(set, hashes.slots(set));
  }

  /// The same, and where there is none, remembers this one under the next number, from 0.
  int findOrAdd(int[] set) {
    if (set.length == 0) {
      return NONE;
    }
    int[] slots = hashes.slots(set);
    int found = find(set, slots);
    if (found == NONE) {
      add(set, slots);
    }
    return found;
  }

  private int find(int[] set, int[] slots) {
    int found = NONE;
    query++;
    for (int band = 0; band < bands; band++) {
      for (int link = heads[slots[band]]; link != NONE; link = next(link)) {
        int candidate = link / bands;
        if (looked[candidate] != query && (found == NONE || candidate < found)) {
          looked[candidate] = query;
          if (similarity(set, candidate) >= hashes.least()) {
            found = candidate;
          }
        }
      }
    }
    return found;
  }

  /// Jaccard similarity to a set of this number.
  double similarity(int[] set, int number) {
    int[] chunk = chunks.get((int) (places[number] >>> 32));
    return Shingles.jaccard(set, chunk, (int) places[number], ends[number]);
  }

  private void add(int[] set, int[] slots) {
    if (size == places.length) {
      int more = Math.multiplyExact(2, size);
      places = Arrays.copyOf(places, more);
      ends = Arrays.copyOf(ends, more);
      looked = Arrays.copyOf(looked, more);
    }
    if (used + set.length > CHUNK) {
      chunks.add(new int[CHUNK]);
      used = 0;
    }
    System.arraycopy(set, 0, chunks.getLast(), used, set.length);
    places[size] = (long) (chunks.size() - 1) << 32 | used;
    used += set.length;
    ends[size] = used;
    for (int band = 0; band < bands; band++) {
      int link = Math.addExact(Math.multiplyExact(size, bands), band);
      if (link / CHUNK == next.size()) {
        next.add(new int[CHUNK]);
      }
      next.get(link / CHUNK)[link % CHUNK] = heads[slots[band]];
      heads[slots[band]] = link;
    }
    size++;
  }

  /// The set before in the same slot.
  private int next(int link) {
    return next.get(link / CHUNK)[link % CHUNK];
  }
}
