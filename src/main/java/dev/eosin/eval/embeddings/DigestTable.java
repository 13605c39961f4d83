package dev.eosin.eval.embeddings;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Places by the first half of a SHA-256, in 40 bytes or less each. Not thread safe.
final class DigestTable {
  private static final int FIRST_SLOTS = 1 << 10;
  private static final int NONE = -1;

  private long[] high = new long[FIRST_SLOTS];
  private long[] low = new long[FIRST_SLOTS];
  private int[] places = empty(FIRST_SLOTS);
  private int size;

  private static int[] empty(int slots) {
    int[] places = new int[slots];
    Arrays.fill(places, NONE);
    return places;
  }

  /// The place of a digest, or -1.
  ///
  /// @param digest at least 16 bytes
  int find(byte[] digest) {
    ByteBuffer bytes = ByteBuffer.wrap(digest);
    return places[slot(bytes.getLong(), bytes.getLong())];
  }

  /// Remembers a place, instead of an earlier one of the same digest.
  void put(byte[] digest, int place) {
    if (2 * (size + 1) > places.length) {
      grow();
    }
    ByteBuffer bytes = ByteBuffer.wrap(digest);
    put(bytes.getLong(), bytes.getLong(), place);
  }

  private void put(long first, long second, int place) {
    int slot = slot(first, second);
    size += places[slot] == NONE ? 1 : 0;
    high[slot] = first;
    low[slot] = second;
    places[slot] = place;
  }

  /// Digests are as good as random: their bits are the hash.
  private int slot(long first, long second) {
    int mask = places.length - 1;
    int slot = (int) first & mask;
    while (places[slot] != NONE && (high[slot] != first || low[slot] != second)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldHigh = high;
    long[] oldLow = low;
    int[] oldPlaces = places;
    high = new long[2 * oldHigh.length];
    low = new long[2 * oldLow.length];
    places = empty(2 * oldPlaces.length);
    size = 0;
    for (int slot = 0; slot < oldPlaces.length; slot++) {
      if (oldPlaces[slot] != NONE) {
        put(oldHigh[slot], oldLow[slot], oldPlaces[slot]);
      }
    }
  }
}
