package dev.eosin.data.parquet;

import dev.eosin.config.DataException;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.settings.SampleLists;
import dev.eosin.data.tables.RowChecks;
import dev.eosin.data.tables.RowFilter;
import dev.eosin.data.tables.TableRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One pass over every column but the images when a table is opened: selects rows and checks each
/// of them.
final class ParquetScan {
  private final ParquetTable table;
  private final RowFilter filter;
  private final SampleLists lists;
  private final RowChecks checks;
  private final Fingerprint fingerprint;
  private final Selected selected = new Selected();

  /// @param fingerprint is told every selected row
  ParquetScan(
      ParquetTable table,
      RowFilter filter,
      SampleLists lists,
      RowChecks checks,
      Fingerprint fingerprint) {
    this.table = table;
    this.filter = filter;
    this.lists = lists;
    this.checks = checks;
    this.fingerprint = fingerprint;
  }

  /// @throws DataException when a file is damaged
  Selected run() throws DataException {
    for (int group = 0; group < table.groups().size(); group++) {
      ParquetTable.Group place = table.groups().get(group);
      for (int row = 0; row < place.rows(); row++) {
        add(group, place, row);
      }
    }
    return selected;
  }

  private void add(int group, ParquetTable.Group place, int row) throws DataException {
    Map<String, String> fields = new HashMap<>();
    for (Map.Entry<String, Integer> field : place.layout().where().entrySet()) {
      fields.put(field.getKey(), table.text(group, field.getValue(), row));
    }
    if (!filter.selects(name -> fields.getOrDefault(name, ""))) {
      return;
    }
    if (lists.used() && !keeps(group, place, row)) {
      return;
    }
    long number = place.firstRow() + row + 1;
    List<String> problems = new ArrayList<>();
    TableRow read =
        table.row(
            group,
            row,
            table.field(group, place.layout().label(), row),
            table.field(group, place.layout().group(), row),
            problems::add);
    problems.forEach(problem -> checks.problem(problem, number));
    if (problems.isEmpty()) {
      checks.check(read, number);
    }
    fingerprint.add(read.identity());
    selected.add(place.firstRow() + row, read);
  }

  private boolean keeps(int group, ParquetTable.Group place, int row) throws DataException {
    Optional<Integer> id = place.layout().id();
    return id.isPresent()
        ? lists.keepsId(table.text(group, id.get(), row))
        : lists.keepsImage(table.imageName(group, row));
  }

  /// The selected rows with their labels and groups.
  static final class Selected {
    private long[] rows = new long[256];
    private int[] labels = new int[256];
    private int[] groups = new int[256];
    private int count;
    private final Texts labelTexts = new Texts();
    private final Texts groupTexts = new Texts();

    private void add(long row, TableRow read) {
      if (count == rows.length) {
        rows = Arrays.copyOf(rows, 2 * count);
        labels = Arrays.copyOf(labels, 2 * count);
        groups = Arrays.copyOf(groups, 2 * count);
      }
      rows[count] = row;
      labels[count] = labelTexts.id(read.label());
      groups[count++] = groupTexts.id(read.group());
    }

    int count() {
      return count;
    }

    /// The number in the whole table, from 0.
    long row(long index) {
      return rows[Math.toIntExact(index)];
    }

    Optional<String> label(long index) {
      return labelTexts.get(labels[Math.toIntExact(index)]);
    }

    Optional<String> group(long index) {
      return groupTexts.get(groups[Math.toIntExact(index)]);
    }
  }

  /// Texts that many rows share, each kept once.
  private static final class Texts {
    private static final int NONE = -1;
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<String> texts = new ArrayList<>();

    int id(Optional<String> text) {
      return text.map(this::id).orElse(NONE);
    }

    private int id(String text) {
      return ids.computeIfAbsent(
          text,
          added -> {
            texts.add(added);
            return texts.size() - 1;
          });
    }

    Optional<String> get(int id) {
      return id == NONE ? Optional.empty() : Optional.of(texts.get(id));
    }
  }
}
