package dev.eosin.language.generation;

import java.util.Arrays;
import java.util.List;

/// The ids of one sequence: those of its prompt that rules look at, then the new ones.
final class IdHistory {
  private final int seen;
  private int[] ids;
  private int size;

  private IdHistory(int[] ids, int seen, int size) {
    this.ids = ids;
    this.seen = seen;
    this.size = size;
  }

  static IdHistory of(Prompt prompt) {
    int[] ids = prompt.seen().stream().mapToInt(Integer::intValue).toArray();
    return new IdHistory(ids, ids.length, ids.length);
  }

  void add(int id) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, size + Math.max(16, size / 2));
    }
    ids[size] = id;
    size++;
  }

  /// This sequence and one id more.
  IdHistory with(int id) {
    int[] longer = Arrays.copyOf(ids, size + 1);
    longer[size] = id;
    return new IdHistory(longer, seen, size + 1);
  }

  int size() {
    return size;
  }

  int[] newIds() {
    return Arrays.copyOfRange(ids, seen, size);
  }

  List<Integer> newIdList() {
    return Arrays.stream(newIds()).boxed().toList();
  }

  /// All of them at the end of `row`, and -1 before.
  void writeInto(long[] rows, int start, int width) {
    Arrays.fill(rows, start, start + width - size, -1);
    for (int i = 0; i < size; i++) {
      rows[start + width - size + i] = ids[i];
    }
  }
}
