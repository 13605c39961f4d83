package dev.eosin.data.tables;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.eosin.config.DataException;
import dev.eosin.data.OneLine;
import dev.eosin.data.settings.CsvSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The rows of a CSV or TSV table in their order, fields by the names in the header. Used by one
/// thread; memory holds a few rows.
public final class NamedRows {
  private final CsvTable table;
  private long next;
  private long line;

  private NamedRows(CsvTable table) {
    this.table = table;
  }

  /// Whether a file is such a table, as its name says.
  public static boolean named(Path file) {
    return separator(file).isPresent();
  }

  private static Optional<Character> separator(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".csv")) {
      return Optional.of(',');
    }
    return name.endsWith(".tsv") ? Optional.of('\t') : Optional.empty();
  }

  /// @throws DataException when the file is missing, empty, not UTF-8, breaks the rules of quoting,
  ///   names a column twice, or separates its columns by something else
  public static NamedRows open(Path file) throws DataException {
    char separator = separator(file).orElse(',');
    CsvTable table = CsvTable.open(file, separator, CsvSettings.Quotes.DOUBLE);
    List<String> names = table.columns();
    requireSeparated(file, names, separator);
    for (int i = 0; i < names.size(); i++) {
      if (names.indexOf(names.get(i)) < i) {
        throw new DataException(
            "%s: line 1: the column '%s' stands twice; rename one of them"
                .formatted(file, OneLine.of(names.get(i))));
      }
    }
    return new NamedRows(table);
  }

  /// A spreadsheet of some languages writes semicolons.
  private static void requireSeparated(Path file, List<String> names, char separator)
      throws DataException {
    for (char other : new char[] {',', ';', '\t'}) {
      if (names.size() == 1 && other != separator && names.getFirst().indexOf(other) > 0) {
        throw new DataException(
            "%s: line 1: its columns seem to be separated by %s, expected %s; save it so, or, with tabs, as .tsv"
                .formatted(file, said(other), said(separator)));
      }
    }
  }

  private static String said(char separator) {
    return separator == '\t' ? "tabs" : "'%s'".formatted(separator);
  }

  /// The next row's fields in the header's order; empty after the last. Empty lines are passed
  /// over.
  ///
  /// @throws DataException naming the line of a row with more or fewer fields than the header
  public Optional<Map<String, String>> next() throws DataException {
    while (next < table.rowCount()) {
      CsvRecord row = table.row(next++);
      line = row.getStartingLineNumber();
      List<String> fields = row.getFields();
      if (fields.size() == 1 && fields.getFirst().isBlank() && table.columns().size() > 1) {
        continue;
      }
      return Optional.of(named(fields));
    }
    return Optional.empty();
  }

  private Map<String, String> named(List<String> fields) throws DataException {
    List<String> names = table.columns();
    if (fields.size() != names.size()) {
      throw new DataException(
          "%s: line %d has %d fields, the header %d; quote fields that hold separators or lines"
              .formatted(table.file(), line, fields.size(), names.size()));
    }
    Map<String, String> row = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      row.put(names.get(i), fields.get(i));
    }
    return row;
  }

  /// Where the last row begins, counted from 1.
  public long line() {
    return line;
  }
}
