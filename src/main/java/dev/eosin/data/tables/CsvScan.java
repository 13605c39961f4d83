package dev.eosin.data.tables;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.eosin.config.DataException;
import dev.eosin.data.settings.SampleLists;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// One pass over a table when it is opened: selects rows and checks each of them.
final class CsvScan {
  private final CsvTable table;
  private final CsvLayout layout;
  private final String separator;
  private final Predicate<String> isImage;
  private final RowFilter filter;
  private final SampleLists lists;
  private final RowChecks checks;
  private int[] selected = new int[1_024];
  private int count;
  private long emptyLines;
  private long listLike;

  /// @param separator of the fields
  /// @param isImage whether a field may name an image
  CsvScan(
      CsvTable table,
      CsvLayout layout,
      String separator,
      Predicate<String> isImage,
      RowFilter filter,
      SampleLists lists,
      RowChecks checks) {
    this.table = table;
    this.layout = layout;
    this.separator = separator;
    this.isImage = isImage;
    this.filter = filter;
    this.lists = lists;
    this.checks = checks;
  }

  /// @throws DataException naming the lines of faulty rows, or when no row is left
  void run() throws DataException {
    for (int index = 0; index < table.rowCount(); index++) {
      CsvRecord row = table.row(index);
      if (isEmptyLine(row)) {
        emptyLines++;
      } else if (row.getFieldCount() != layout.width()) {
        checks.unreadable(ragged(row.getFieldCount()), row.getStartingLineNumber());
      } else {
        checkQuotes(row);
        add(index, row);
      }
    }
    checks.throwIfFaulty(table.file());
    lists.throwIfNoneKept(table.file(), count);
    if (count == 0) {
      throw new DataException(
          table.rowCount() == 0
              ? table.file() + ": the table has a header but no rows"
              : table.file() + ": " + filter.describeMismatch());
    }
  }

  private String ragged(int fields) {
    if (fields < layout.width()) {
      return "with fewer fields than the header's %d".formatted(layout.width());
    }
    return "with more fields than the header's %d; a field with %s in it needs quotes around it"
        .formatted(layout.width(), separator.equals("\t") ? "a tab" : "'" + separator + "'");
  }

  private void add(int index, CsvRecord row) {
    if (!filter.selects(name -> row.getField(layout.where().getOrDefault(name, 0)))) {
      return;
    }
    boolean kept =
        layout.id().isPresent()
            ? lists.keepsId(row.getField(layout.id().getAsInt()))
            : lists.keepsImage(row.getField(layout.image()));
    if (!kept) {
      return;
    }
    long line = row.getStartingLineNumber();
    List<String> problems = new ArrayList<>();
    TableRow read = layout.read(row, problems::add);
    problems.forEach(problem -> checks.problem(problem, line));
    if (problems.isEmpty()) {
      checks.check(read, line);
    }
    listLike += read.captions().stream().anyMatch(c -> PythonList.resembles(c.text())) ? 1 : 0;
    append(index);
  }

  /// A stray quote makes one field of everything up to the next one, lines included. Where one of
  /// them reads as a row with an image, it is one.
  private void checkQuotes(CsvRecord row) {
    if (row.getFields().stream().noneMatch(field -> field.indexOf('\n') >= 0)) {
      return;
    }
    String[] lines = String.join(separator, row.getFields()).split("\\R");
    for (int i = 1; i < lines.length; i++) {
      String[] fields = lines[i].split(Pattern.quote(separator), -1);
      if (fields.length == layout.width() && isImage.test(fields[layout.image()])) {
        checks.problem(
            "whose quote swallows the next line, which reads as a row of its own (write the quote twice inside quotes, or set quotes: none where quotes are ordinary characters)",
            row.getStartingLineNumber());
        return;
      }
    }
  }

  /// What a user should know but may accept.
  List<String> notes() {
    return listLike * 2 <= count
        ? List.of()
        : List.of(
            "%s: the captions of %d of %d rows look like lists of captions; caption-lists: true takes them apart"
                .formatted(table.file(), listLike, count));
  }

  /// The selected rows' indices in the table.
  int[] rows() {
    return Arrays.copyOf(selected, count);
  }

  /// What is no row, in one line.
  List<String> passedOver() {
    List<String> lines = new ArrayList<>(checks.unreadable());
    if (emptyLines > 0) {
      lines.add("%d empty lines".formatted(emptyLines));
    }
    return lines;
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
