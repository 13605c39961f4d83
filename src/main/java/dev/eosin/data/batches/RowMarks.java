package dev.eosin.data.batches;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// By what rows are found to belong together: each has a mark of every kind, and rows with a mark
/// in common are of one class, directly or through others. Marks are digests, so that ranks can
/// tell each other theirs. b rows, k kinds.
///
/// @param kinds k
/// @param digests [b, k, 16]
@SuppressWarnings("ArrayRecordComponent") // on its way to other ranks; nobody compares these
public record RowMarks(int kinds, byte[] digests) {
  private static final int BYTES = 16;

  /// @param rows b
  /// @param marks what a mark is made of, kind by kind
  static <T> RowMarks of(List<T> rows, List<Function<T, byte[]>> marks) {
    ByteBuffer all = ByteBuffer.allocate(rows.size() * marks.size() * BYTES);
    MessageDigest sha256 = sha256();
    for (T row : rows) {
      marks.forEach(mark -> all.put(sha256.digest(mark.apply(row)), 0, BYTES));
    }
    return new RowMarks(marks.size(), all.array());
  }

  /// The same kinds of marks of the rows of all ranks.
  ///
  /// @param digests of each rank's
  public RowMarks ofAll(List<byte[]> digests) {
    ByteBuffer all = ByteBuffer.allocate(digests.stream().mapToInt(own -> own.length).sum());
    digests.forEach(all::put);
    return new RowMarks(kinds, all.array());
  }

  /// For each of the b rows the first one of its class.
  public int[] classes() {
    int[] classes = new int[digests.length / (kinds * BYTES)];
    Arrays.setAll(classes, row -> row);
    for (int kind = 0; kind < kinds; kind++) {
      Map<ByteBuffer, Integer> first = HashMap.newHashMap(classes.length);
      for (int row = 0; row < classes.length; row++) {
        ByteBuffer mark = ByteBuffer.wrap(digests, (row * kinds + kind) * BYTES, BYTES);
        Integer before = first.putIfAbsent(mark.slice(), row);
        if (before != null) {
          join(classes, before, row);
        }
      }
    }
    Arrays.setAll(classes, row -> root(classes, row));
    return classes;
  }

  /// The smaller root stays one, so that a class is named by its first row.
  private static void join(int[] classes, int one, int other) {
    int first = root(classes, one);
    int second = root(classes, other);
    classes[Math.max(first, second)] = Math.min(first, second);
  }

  private static int root(int[] classes, int row) {
    int root = row;
    while (classes[root] != root) {
      classes[root] = classes[classes[root]];
      root = classes[root];
    }
    return root;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
