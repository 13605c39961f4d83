package dev.eosin.data;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.eosin.config.DataException;
import java.util.Arrays;
import java.util.List;

/// One pass over a table when it is opened: selects rows and checks each of them.
final class CsvScan {
  private final CsvTable table;
  private final CsvLayout layout;
  private final RowFilter filter;
  private final RowChecks checks;
  private int[] selected = new int[1_024];
  private int count;
  private long emptyLines;

  CsvScan(CsvTable table, CsvLayout layout, RowFilter filter, RowChecks checks) {
    this.table = table;
    this.layout = layout;
    this.filter = filter;
    this.checks = checks;
  }

  /// @throws DataException naming the lines of faulty rows, or when no row is left
  void run() throws DataException {
    for (int index = 0; index < table.rowCount(); index++) {
      CsvRecord row = table.row(index);
      if (isEmptyLine(row)) {
        emptyLines++;
        continue;
      }
      if (row.getFieldCount() != layout.width()) {
        checks.problem(
            "with another number of fields than the header's " + layout.width(),
            row.getStartingLineNumber());
      } else if (filter.selects(name -> row.getField(layout.where().getOrDefault(name, 0)))) {
        checks.check(layout.read(row), row.getStartingLineNumber());
        append(index);
      }
    }
    checks.throwIfFaulty(table.file());
    if (count == 0) {
      throw new DataException(
          table.rowCount() == 0
              ? table.file() + ": the table has a header but no rows"
              : table.file() + ": " + filter.describeMismatch());
    }
  }

  /// The selected rows' indices in the table.
  int[] rows() {
    return Arrays.copyOf(selected, count);
  }

  /// What is no row, in one line.
  List<String> passedOver() {
    return emptyLines == 0 ? List.of() : List.of("%d empty lines".formatted(emptyLines));
  }

  private static boolean isEmptyLine(CsvRecord row) {
    return row.getFieldCount() == 1 && row.getField(0).isEmpty();
  }

  private void append(int index) {
    if (count == selected.length) {
      selected = Arrays.copyOf(selected, 2 * count);
    }
    selected[count++] = index;
  }
}
