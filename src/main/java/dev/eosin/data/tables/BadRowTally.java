package dev.eosin.data.tables;

import dev.eosin.config.DataException;
import dev.eosin.data.BadSamples;
import dev.eosin.data.EmptyCaptions;
import dev.eosin.data.FlawedRows;
import dev.eosin.data.MissingFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The bad rows of a table by what is wrong with them: which they are, so that it can be told of
/// any choice of rows how many of them are bad.
final class BadRowTally {
  private static final int SHOWN = 3;

  private final String table;
  private final String unit;
  private final Predicate<String> imageExists;
  private final RowTally missing = new RowTally();
  private final RowTally empty = new RowTally();
  private final RowTally flawed = new RowTally();
  private final List<String> firstMissing = new ArrayList<>();
  private final List<String> firstEmpty = new ArrayList<>();
  private final List<String> firstFlawed = new ArrayList<>();
  private int last = -1;
  private long count;

  /// @param table names the table in messages
  /// @param unit what its rows are counted in
  /// @param imageExists whether the image that a row names is there
  BadRowTally(String table, String unit, Predicate<String> imageExists) {
    this.table = table;
    this.unit = unit;
    this.imageExists = imageExists;
  }

  /// @param index among the selected rows, not below those before
  /// @param place the row's number in the table, from 1
  /// @param images of the row that are not there
  void addMissing(int index, long place, List<String> images) {
    add(missing, index, place);
    images.stream().limit(SHOWN - firstMissing.size()).forEach(firstMissing::add);
  }

  /// A row without a caption.
  void addEmpty(int index, long place, TableRow row) {
    add(empty, index, place);
    if (firstEmpty.size() < SHOWN) {
      firstEmpty.add(captionless(row, place));
    }
  }

  /// A row that is no sample.
  void addFlawed(int index, long place, RowFlaw flaw) {
    add(flawed, index, place);
    if (firstFlawed.size() < SHOWN) {
      firstFlawed.add(flawed(flaw, place));
    }
  }

  private void add(RowTally tally, int index, long place) {
    tally.add(index, place);
    count += index == last ? 0 : 1;
    last = index;
  }

  private String captionless(TableRow row, long place) {
    return "%s (%s %d)".formatted(row.image(), unit, place);
  }

  private String flawed(RowFlaw flaw, long place) {
    return "%s %d (%s)".formatted(unit, place, flaw.detail());
  }

  boolean has(int index) {
    return missing.has(index) || empty.has(index) || flawed.has(index);
  }

  /// Of all rows.
  BadSamples all() {
    return new BadSamples(
        count,
        new MissingFiles(missing.count(), firstMissing),
        new EmptyCaptions(empty.count(), firstEmpty),
        new FlawedRows(flawed.count(), firstFlawed));
  }

  /// Of some rows.
  ///
  /// @param indices among the selected rows
  /// @param rows reads one of them again
  BadSamples among(int[] indices, IntFunction<TableRow> rows) {
    if (count == 0) {
      return BadSamples.NONE;
    }
    int[] absent = missing.among(indices);
    int[] captionless = empty.among(indices);
    int[] broken = flawed.among(indices);
    return new BadSamples(
        Arrays.stream(indices).filter(this::has).count(),
        new MissingFiles(absent.length, first(absent, index -> missingImage(rows.apply(index)))),
        new EmptyCaptions(
            captionless.length,
            first(captionless, index -> captionless(rows.apply(index), place(empty, index)))),
        new FlawedRows(
            broken.length,
            first(
                broken,
                index -> flawed(rows.apply(index).flaw().orElseThrow(), place(flawed, index)))));
  }

  private static List<String> first(int[] indices, IntFunction<String> named) {
    return Arrays.stream(indices).limit(SHOWN).mapToObj(named).toList();
  }

  private static long place(RowTally tally, int index) {
    return tally.place(index).orElseThrow();
  }

  /// The first image of a row that is not there.
  private String missingImage(TableRow row) {
    return Stream.concat(row.images().stream().filter(imageExists.negate()), Stream.of(row.image()))
        .findFirst()
        .orElseThrow();
  }

  /// Says what is wrong with a row that is no sample, and where it is.
  String describe(long index, RowFlaw flaw) {
    OptionalLong place = flawed.place(Math.toIntExact(index));
    String where = place.isEmpty() ? table : "%s: %s %d".formatted(table, unit, place.getAsLong());
    return where + ": " + flaw.detail();
  }

  /// @param rows of the table
  /// @throws DataException when every row is flawed
  void throwIfAllFlawed(long rows) throws DataException {
    if (rows > 0 && flawed.count() == rows) {
      throw new DataException(
          "%s: none of the %d rows is whole, for example %s"
              .formatted(table, rows, firstFlawed.getFirst()));
    }
  }

  /// @param rows of the table
  /// @throws DataException when no row has a caption
  void throwIfAllEmpty(Object named, long rows) throws DataException {
    if (rows > 0 && empty.count() == rows) {
      throw new DataException(
          "%s: all %d rows have an empty caption, for example %s"
              .formatted(named, rows, firstEmpty.getFirst()));
    }
  }

  /// The first of the images that are not there.
  String firstMissing() {
    return firstMissing.getFirst();
  }
}
