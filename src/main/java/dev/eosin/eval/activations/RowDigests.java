package dev.eosin.eval.activations;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.Optional;

/// What rows were made of, in 32 bytes each.
public final class RowDigests {
  private static final int BYTES = 32;
  private static final int FIRST = 1 << 8;

  private final BitSet known = new BitSet();
  private byte[] digests = new byte[FIRST * BYTES];
  private int size;

  RowDigests() {}

  /// Adds the next row.
  ///
  /// @param sha256 64 hexadecimal digits, where there is one
  void add(Optional<String> sha256) {
    if ((size + 1) * BYTES > digests.length) {
      digests = Arrays.copyOf(digests, 2 * digests.length);
    }
    if (sha256.isPresent()) {
      byte[] digest = HexFormat.of().parseHex(sha256.get());
      System.arraycopy(digest, 0, digests, size * BYTES, BYTES);
      known.set(size);
    }
    size++;
  }

  /// Number of rows.
  public int size() {
    return size;
  }

  /// The digest of a row, where it has one.
  public Optional<String> of(long row) {
    int at = Math.toIntExact(row);
    return known.get(at)
        ? Optional.of(HexFormat.of().formatHex(digests, at * BYTES, (at + 1) * BYTES))
        : Optional.empty();
  }
}
