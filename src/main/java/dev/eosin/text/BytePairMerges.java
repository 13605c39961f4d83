package dev.eosin.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Byte pair encoding of one word: the merge learned earliest is applied wherever it occurs, again
/// and again, until none applies.
///
/// Works on ids only. Merges were numbered in the order they were learned, so the merged id is also
/// the merge's rank, and a pair of ids (each below 2^16) is one int key of an open hash table.
final class BytePairMerges {
  private static final int NONE = Integer.MAX_VALUE;

  private final int[] keys;
  private final int[] merged;
  private final int mask;

  BytePairMerges(ClipVocabulary vocabulary) {
    List<String> merges = vocabulary.merges();
    int capacity = Integer.highestOneBit(merges.size()) * 4;
    keys = new int[capacity];
    merged = new int[capacity];
    mask = capacity - 1;
    Arrays.fill(merged, NONE);
    Map<String, Integer> ids = new HashMap<>(vocabulary.size() * 2);
    List<String> tokens = vocabulary.tokens();
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    int first = 2 * ByteAlphabet.SIZE;
    for (int rank = 0; rank < merges.size(); rank++) {
      String merge = merges.get(rank);
      int space = merge.indexOf(' ');
      put(
          ids.getOrDefault(merge.substring(0, space), NONE),
          ids.getOrDefault(merge.substring(space + 1), NONE),
          first + rank);
    }
  }

  /// The ids of a word.
  ///
  /// @param word at least one byte of UTF-8
  int[] encode(byte[] word) {
    int count = word.length;
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = ByteAlphabet.rank(word[i]);
    }
    ids[count - 1] += ByteAlphabet.SIZE;
    while (count > 1) {
      int best = NONE;
      int at = 0;
      for (int i = 0; i + 1 < count; i++) {
        int candidate = get(ids[i], ids[i + 1]);
        if (candidate < best) {
          best = candidate;
          at = i;
        }
      }
      if (best == NONE) {
        break;
      }
      count = merge(ids, count, at, best);
    }
    return Arrays.copyOf(ids, count);
  }

  /// Replaces each occurrence of the pair at `at`, which is the first, and returns the new count.
  private static int merge(int[] ids, int count, int at, int with) {
    int left = ids[at];
    int right = ids[at + 1];
    int to = at;
    int from = at;
    while (from < count) {
      if (from + 1 < count && ids[from] == left && ids[from + 1] == right) {
        ids[to++] = with;
        from += 2;
      } else {
        ids[to++] = ids[from++];
      }
    }
    return to;
  }

  private void put(int left, int right, int id) {
    if (left == NONE || right == NONE) {
      throw new IllegalStateException("merge of id " + id + " names a token that does not exist");
    }
    int key = left << 16 | right;
    int slot = slot(key);
    while (merged[slot] != NONE) {
      slot = slot + 1 & mask;
    }
    keys[slot] = key;
    merged[slot] = id;
  }

  private int get(int left, int right) {
    int key = left << 16 | right;
    int slot = slot(key);
    while (merged[slot] != NONE) {
      if (keys[slot] == key) {
        return merged[slot];
      }
      slot = slot + 1 & mask;
    }
    return NONE;
  }

  private int slot(int key) {
    int mixed = key * 0x9E3779B9;
    return (mixed ^ mixed >>> 15) & mask;
  }
}
