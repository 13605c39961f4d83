package dev.eosin.prepare;

import dev.eosin.config.DataException;
import dev.eosin.data.tables.NamedRows;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The rows of one pass, in their order, one in memory at a time. Used by one thread.
public interface Rows extends AutoCloseable {
  /// Names of files of office programs.
  Pattern SPREADSHEET = Pattern.compile("(?i)\\.(xlsx?|xlsm|xlsb|ods|numbers)$");

  /// The next row; empty after the last.
  ///
  /// @throws BadRowException naming the place of a row that is wrong; the next call goes on behind
  // it
  /// @throws DataException naming the place of what cannot be read
  Optional<Row> next() throws DataException;

  @Override
  void close() throws DataException;

  /// The rows of a table: CSV, TSV or Parquet where its name ends so, else one JSON object a line.
  ///
  /// @param key the field that names a row: a text or a whole number
  /// @param where keeps the rows whose fields have these values; all, where it is empty
  /// @throws DataException when the file cannot be read
  static Rows table(Path file, String key, Map<String, String> where) throws DataException {
    Rows all = open(file, key);
    return where.isEmpty() ? all : new ChosenRows(file, all, where);
  }

  private static Rows open(Path file, String key) throws DataException {
    if (NamedRows.named(file)) {
      return CsvRows.open(file, key);
    }
    String name = String.valueOf(file.getFileName());
    if (SPREADSHEET.matcher(name).find()) {
      throw new DataException(
          "%s: is a spreadsheet, which is not read; save it as CSV in UTF-8 with commas, and name that file"
              .formatted(file));
    }
    return name.endsWith(".parquet") ? ParquetRows.open(file, key) : JsonLinesRows.open(file, key);
  }
}
