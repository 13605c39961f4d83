package dev.eosin.prepare;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.data.tables.NamedRows;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The rows of a CSV or TSV table; every field is a text.
final class CsvRows implements Rows {
  private final Path file;
  private final String key;
  private final NamedRows rows;

  private CsvRows(Path file, String key, NamedRows rows) {
    this.file = file;
    this.key = key;
    this.rows = rows;
  }

  static Rows open(Path file, String key) throws DataException {
    return new CsvRows(file, key, NamedRows.open(file));
  }

  @Override
  public Optional<Row> next() throws DataException {
    Optional<Map<String, String>> fields = rows.next();
    return fields.isEmpty() ? Optional.empty() : Optional.of(row(fields.get()));
  }

  private Row row(Map<String, String> fields) throws DataException {
    String place = file + ": line " + rows.line();
    String name = fields.get(key);
    if (name == null) {
      throw new DataException(
          "%s: there is no column %s, which names rows (key); the columns are %s"
              .formatted(file, Quote.of(key), Quote.line(String.join(", ", fields.keySet()))));
    }
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    fields.forEach(content::put);
    return new Row(name, place, content);
  }

  @Override
  public void close() {}
}
