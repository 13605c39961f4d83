package dev.eosin.prepare;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.data.parquet.ParquetTexts;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The rows of a Parquet table; every field is a text.
final class ParquetRows implements Rows {
  private final Path file;
  private final String key;
  private final ParquetTexts rows;

  private ParquetRows(Path file, String key, ParquetTexts rows) {
    this.file = file;
    this.key = key;
    this.rows = rows;
  }

  static Rows open(Path file, String key) throws DataException {
    ParquetTexts rows = ParquetTexts.open(file);
    if (!rows.columns().contains(key)) {
      rows.close();
      throw new DataException(
          "%s: there is no column %s, which names rows (key); the columns are %s"
              .formatted(file, Quote.of(key), Quote.line(String.join(", ", rows.columns()))));
    }
    return new ParquetRows(file, key, rows);
  }

  @Override
  public Optional<Row> next() throws DataException {
    Optional<Map<String, String>> fields = rows.next();
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    fields.get().forEach(content::put);
    String name = content.path(key).textValue();
    return Optional.of(new Row(name, file + ": row " + rows.row(), content));
  }

  @Override
  public void close() throws DataException {
    rows.close();
  }
}
