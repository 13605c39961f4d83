package dev.eosin.prepare;

import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.Optional;

/// The rows of one pass, in their order, one in memory at a time. Used by one thread.
public interface Rows extends AutoCloseable {
  /// The next row; empty after the last.
  ///
  /// @throws DataException naming the place of what cannot be read
  Optional<Row> next() throws DataException;

  @Override
  void close() throws DataException;

  /// The rows of a file with one JSON object a line.
  ///
  /// @param key the field that names a row: a text or a whole number
  /// @throws DataException when the file cannot be read
  static Rows jsonLines(Path file, String key) throws DataException {
    return JsonLinesRows.open(file, key);
  }
}
