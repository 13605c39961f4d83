package dev.eosin.eval.tiles;

import dev.eosin.config.DataException;
import dev.eosin.eval.probes.LabelOrder;
import dev.eosin.eval.probes.ProbeSplit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Labelled tiles: what is known of each, and their classes. Nothing is dropped in silence: rows
/// without a label are counted, others are errors unless the recipe says to leave them out.
///
/// @param name of the data, for messages
/// @param tiles that are kept
/// @param places of the kept ones in the folder or table
/// @param classes in their order
/// @param notes what was left out and why, one line each
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record TileSet(
    String name,
    List<ProbeSplit.Row> tiles,
    long[] places,
    List<TileClass> classes,
    List<String> notes) {
  private static final int SHOWN = 8;

  /// What becomes of a tile whose label is not listed.
  public enum OtherLabels {
    /// An error.
    REFUSE,
    /// Left out and counted.
    LEAVE_OUT
  }

  public TileSet {
    tiles = List.copyOf(tiles);
    classes = List.copyOf(classes);
    notes = List.copyOf(notes);
  }

  /// Looks at rows.
  ///
  /// @param rows of a folder or table, in their order
  /// @param listed classes; all labels that occur, sorted, where there are none
  /// @throws DataException for a path that comes twice, a label that is not listed, a listed class
  ///   without a tile, or fewer than two classes
  public static TileSet of(
      String name, List<ProbeSplit.Row> rows, List<TileClass> listed, OtherLabels others)
      throws DataException {
    ProbeSplit.requireDistinct(name, rows);
    List<TileClass> classes = listed.isEmpty() ? found(name, rows) : listed;
    List<String> labels = classes.stream().map(TileClass::label).toList();
    if (labels.isEmpty()) {
      throw new DataException(
          "%s: no tile has a class; a folder needs one folder of tiles for each class, a table a column of labels"
              .formatted(name));
    }
    if (labels.stream().distinct().count() < labels.size() || labels.size() < 2) {
      throw new DataException(
          "%s: two classes or more are needed, each listed once; found %s".formatted(name, labels));
    }
    List<ProbeSplit.Row> kept = new ArrayList<>();
    List<Long> places = new ArrayList<>();
    Map<String, Long> unknown = new TreeMap<>();
    long without = 0;
    for (int row = 0; row < rows.size(); row++) {
      Optional<String> label = rows.get(row).label();
      if (label.isEmpty()) {
        without++;
      } else if (labels.contains(label.get())) {
        kept.add(rows.get(row));
        places.add((long) row);
      } else {
        unknown.merge(label.get(), 1L, Long::sum);
      }
    }
    List<String> notes = notes(name, unknown, without, others, labels);
    for (String label : labels) {
      if (kept.stream().noneMatch(tile -> tile.label().orElseThrow().equals(label))) {
        throw new DataException(
            "%s: the class '%s' has no tile; the labels that occur are %s"
                .formatted(
                    name,
                    label,
                    LabelOrder.of(rows.stream().flatMap(row -> row.label().stream()))));
      }
    }
    return new TileSet(
        name, kept, places.stream().mapToLong(Long::longValue).toArray(), classes, notes);
  }

  /// Looks at rows of which each may have several labels, or none: all are kept, without classes.
  ///
  /// @param rows of a folder or table, in their order
  /// @throws DataException for a path that comes twice
  public static TileSet ofSeveralLabels(String name, List<ProbeSplit.Row> rows)
      throws DataException {
    ProbeSplit.requireDistinct(name, rows);
    long[] places = new long[rows.size()];
    Arrays.setAll(places, row -> row);
    return new TileSet(name, rows, places, List.of(), List.of());
  }

  /// Looks at rows as tasks need it: of one class each, or of several labels.
  ///
  /// @throws DataException as [#of(String, List, List, OtherLabels)]
  public static TileSet of(
      String name,
      List<ProbeSplit.Row> rows,
      List<TileClass> listed,
      OtherLabels others,
      List<TileTask> tasks)
      throws DataException {
    return tasks.stream().anyMatch(SeveralLabelsTask.class::isInstance)
        ? ofSeveralLabels(name, rows)
        : of(name, rows, listed, others);
  }

  private static List<TileClass> found(String name, List<ProbeSplit.Row> rows)
      throws DataException {
    return LabelOrder.classes(name, rows.stream().flatMap(row -> row.label().stream())).stream()
        .map(label -> new TileClass(label, List.of()))
        .toList();
  }

  private static List<String> notes(
      String name, Map<String, Long> unknown, long without, OtherLabels others, List<String> labels)
      throws DataException {
    List<String> notes = new ArrayList<>();
    if (!unknown.isEmpty()) {
      long count = unknown.values().stream().mapToLong(Long::longValue).sum();
      String said =
          "%d tiles have labels that are not listed: %s"
              .formatted(count, unknown.keySet().stream().limit(SHOWN).toList());
      if (others == OtherLabels.REFUSE) {
        throw new DataException(
            "%s: %s; the classes are %s. List them, or write other-labels: %s"
                .formatted(
                    name,
                    said,
                    labels,
                    OtherLabels.LEAVE_OUT.name().toLowerCase(Locale.ROOT).replace('_', '-')));
      }
      notes.add(said + "; left out");
    }
    if (without > 0) {
      notes.add("%d tiles have no label; left out".formatted(without));
    }
    return notes;
  }

  /// The labels of the classes, in their order.
  public List<String> labels() {
    return classes.stream().map(TileClass::label).toList();
  }

  /// The class of each tile `[n]`.
  public int[] truth() {
    List<String> labels = labels();
    return tiles.stream().mapToInt(tile -> labels.indexOf(tile.label().orElseThrow())).toArray();
  }

  /// The tiles at some places alone, such as those whose image could be read.
  ///
  /// @param kept places in [#tiles], rising
  /// @param note why the others are not
  /// @throws DataException when a class has none left
  public TileSet only(int[] kept, String note) throws DataException {
    List<ProbeSplit.Row> left = new ArrayList<>();
    long[] at = new long[kept.length];
    for (int i = 0; i < kept.length; i++) {
      left.add(tiles.get(kept[i]));
      at[i] = places[kept[i]];
    }
    for (TileClass each : classes) {
      if (left.stream().noneMatch(tile -> tile.label().orElseThrow().equals(each.label()))) {
        throw new DataException(
            "%s: no tile of the class '%s' is left: %s".formatted(name, each.label(), note));
      }
    }
    List<String> more = new ArrayList<>(notes);
    more.add(note);
    return new TileSet(name, left, at, classes, more);
  }

  /// Whether the data says which tiles are for testing.
  public boolean namesTest() {
    return tiles.stream().anyMatch(tile -> ProbeSplit.isTest(tile.split()));
  }
}
