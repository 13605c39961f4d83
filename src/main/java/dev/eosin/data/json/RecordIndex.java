package dev.eosin.data.json;

import dev.eosin.data.Fingerprint;
import java.util.Arrays;

/// Where records lie in a file: twelve bytes of memory for each.
final class RecordIndex {
  private long[] starts = new long[256];
  private int[] lengths = new int[256];
  private int count;

  /// @param start of the record in the file, in bytes
  /// @param length of the record, in bytes
  void add(long start, int length) {
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    starts[count] = start;
    lengths[count++] = length;
  }

  int count() {
    return count;
  }

  long start(int index) {
    return starts[index];
  }

  int length(int index) {
    return lengths[index];
  }

  /// Adds which records these are: others of the same file may have been left out.
  Fingerprint addTo(Fingerprint fingerprint) {
    for (int index = 0; index < count; index++) {
      fingerprint.add(Long.toString(starts[index]));
    }
    return fingerprint;
  }
}
