package dev.eosin.prepare;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Rows that are counted and fingerprinted as they pass.
final class CheckedRows implements Rows {
  private static final int MOST_LISTED = 10;

  /// Lines of a table that a person mends at once.
  private static final int MOST_BAD = 20;

  private final Rows rows;
  private final Optional<Whole> expected;
  private final MessageDigest digest;
  private int count;

  private CheckedRows(Rows rows, Optional<Whole> expected) {
    this.rows = rows;
    this.expected = expected;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /// What all rows together are.
  ///
  /// @param count how many, at least 1
  /// @param fingerprint of keys and contents in their order
  record Whole(int count, String fingerprint) {
    /// Another pass over the same rows, which throws where they are not the same.
    Rows again(RowPreparation preparation) throws DataException {
      return new CheckedRows(preparation.rows(), Optional.of(this));
    }
  }

  /// Reads all rows once.
  ///
  /// @throws DataException when there is none or keys are not unique, and naming rows that cannot
  // be
  /// read or have no key
  static Whole check(RowPreparation preparation) throws DataException {
    long[] hashes = new long[1024];
    try (CheckedRows rows = new CheckedRows(preparation.rows(), Optional.empty())) {
      var bad = new BadRows();
      for (Optional<Row> row = bad.next(rows); row.isPresent(); row = bad.next(rows)) {
        if (rows.count > hashes.length) {
          hashes = Arrays.copyOf(hashes, Math.multiplyExact(2, hashes.length));
        }
        hashes[rows.count - 1] = row.get().hash();
      }
      bad.refuse();
      if (rows.count == 0) {
        throw new DataException(
            "there are no rows to prepare: the table or folder that the recipe names holds none");
      }
      requireUnique(preparation, Arrays.copyOf(hashes, rows.count));
      return rows.whole();
    }
  }

  /// Rows that cannot be prepared, counted.
  private static final class BadRows {
    private final List<String> found = new ArrayList<>();
    private int count;

    /// The next row that can; empty after the last.
    Optional<Row> next(CheckedRows rows) throws DataException {
      while (true) {
        try {
          return rows.next();
        } catch (BadRowException e) {
          if (++count <= MOST_BAD) {
            found.add(String.valueOf(e.getMessage()));
          }
        }
      }
    }

    void refuse() throws DataException {
      if (count == 1) {
        throw new DataException(found.getFirst());
      }
      if (count > 1) {
        if (count > MOST_BAD) {
          found.add("and %d more".formatted(count - MOST_BAD));
        }
        throw new DataException(
            "%d rows cannot be prepared; nothing was begun:%n  %s"
                .formatted(count, String.join(System.lineSeparator() + "  ", found)));
      }
    }
  }

  /// Only keys whose hashes meet are compared, so that memory does not hold them all.
  private static void requireUnique(RowPreparation preparation, long[] hashes)
      throws DataException {
    Arrays.sort(hashes);
    Set<Long> repeated = new HashSet<>();
    for (int i = 1; i < hashes.length; i++) {
      if (hashes[i] == hashes[i - 1]) {
        repeated.add(hashes[i]);
      }
    }
    if (repeated.isEmpty()) {
      return;
    }
    int duplicates = 0;
    List<String> found = new ArrayList<>();
    Map<String, String> places = new HashMap<>();
    try (Rows rows = preparation.rows()) {
      for (Optional<Row> next = rows.next(); next.isPresent(); next = rows.next()) {
        Row row = next.get();
        String first =
            repeated.contains(row.hash()) ? places.putIfAbsent(row.key(), row.place()) : null;
        if (first != null && ++duplicates <= MOST_LISTED) {
          found.add(
              "%s: the key %s stands at %s already"
                  .formatted(row.place(), Quote.of(row.key()), first));
        }
      }
    }
    if (duplicates > 0) {
      if (duplicates > MOST_LISTED) {
        found.add("and %d more".formatted(duplicates - MOST_LISTED));
      }
      throw new DataException(
          "%d rows have the key of an earlier one; a key names one row for good:%n  %s"
              .formatted(duplicates, String.join(System.lineSeparator() + "  ", found)));
    }
  }

  @Override
  public Optional<Row> next() throws DataException {
    Optional<Row> next = rows.next();
    if (next.isPresent()) {
      add(next.get());
    }
    boolean changed =
        expected.isPresent()
            && (next.isPresent()
                ? count > expected.get().count()
                : !whole().equals(expected.get()));
    if (changed) {
      throw new DataException(
          "the rows changed while they were prepared; restore them, and the same command goes on");
    }
    return next;
  }

  private void add(Row row) throws DataException {
    if (row.key().isBlank()) {
      throw new BadRowException(row.place() + ": the row's key is blank; give it a name");
    }
    count = Math.incrementExact(count);
    digest.update(row.key().getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    digest.update(Json.bytes(row.content()));
    digest.update((byte) 0);
  }

  /// The rows that have passed; ends the digest.
  private Whole whole() {
    return new Whole(count, HexFormat.of().formatHex(digest.digest()));
  }

  @Override
  public void close() throws DataException {
    rows.close();
  }
}
