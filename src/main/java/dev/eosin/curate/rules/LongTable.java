package dev.eosin.curate.rules;

import java.util.Arrays;

/// Numbers by 64-bit keys, 12 bytes an entry at half load: what a map of objects would take a
/// hundred for. Keys are hashes, so that two texts are taken for one with a chance of 3 in 100
/// million among a million.
public final class LongTable {
  static final int NONE = -1;

  private long[] keys = new long[1024];
  private int[] values = new int[1024];
  private int size;

  LongTable() {
    Arrays.fill(values, NONE);
  }

  /// The number of a key, or [#NONE].
  int get(long key) {
    return values[slot(keys, values, key)];
  }

  /// Sets the number of a key where it has none.
  ///
  /// @param value at least 0
  /// @return the number that it had, or [#NONE]
  int putIfAbsent(long key, int value) {
    int slot = slot(keys, values, key);
    int before = values[slot];
    if (before == NONE) {
      put(slot, key, value);
    }
    return before;
  }

  /// Sets the number of a key.
  void put(long key, int value) {
    int slot = slot(keys, values, key);
    if (values[slot] == NONE) {
      put(slot, key, value);
    } else {
      values[slot] = value;
    }
  }

  private void put(int slot, long key, int value) {
    keys[slot] = key;
    values[slot] = value;
    if (++size > keys.length / 2) {
      grow();
    }
  }

  private void grow() {
    long[] moreKeys = new long[Math.multiplyExact(2, keys.length)];
    int[] moreValues = new int[moreKeys.length];
    Arrays.fill(moreValues, NONE);
    for (int i = 0; i < keys.length; i++) {
      if (values[i] != NONE) {
        int slot = slot(moreKeys, moreValues, keys[i]);
        moreKeys[slot] = keys[i];
        moreValues[slot] = values[i];
      }
    }
    keys = moreKeys;
    values = moreValues;
  }

  private static int slot(long[] keys, int[] values, long key) {
    int slot = (int) (Mixing.mixed(key) & keys.length - 1);
    while (values[slot] != NONE && keys[slot] != key) {
      slot = slot + 1 & keys.length - 1;
    }
    return slot;
  }
}
