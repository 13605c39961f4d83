package dev.eosin.prepare;

import dev.eosin.config.DataException;
import dev.eosin.data.tables.RowFilter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The rows of a table whose fields have given values.
final class ChosenRows implements Rows {
  private final Path file;
  private final Rows rows;
  private final RowFilter filter;
  private boolean chosen;

  ChosenRows(Path file, Rows rows, Map<String, String> where) {
    this.file = file;
    this.rows = rows;
    this.filter = new RowFilter(where);
  }

  @Override
  public Optional<Row> next() throws DataException {
    boolean any = chosen;
    for (Optional<Row> next = rows.next(); next.isPresent(); next = rows.next()) {
      Row row = next.get();
      any = true;
      if (filter.selects(field -> row.content().path(field).asText())) {
        chosen = true;
        return next;
      }
    }
    if (any && !chosen) {
      throw new DataException(
          "%s: %s; correct 'where', or leave it out".formatted(file, filter.describeMismatch()));
    }
    return Optional.empty();
  }

  @Override
  public void close() throws DataException {
    rows.close();
  }
}
