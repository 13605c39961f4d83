package dev.eosin.curate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.Rows;
import java.util.Optional;

/// The rows of a table whose rows have no names: each is named by its number from 1, in the field
/// [#FIELD].
final class NumberedRows implements Rows {
  /// The field with a row's name.
  static final String FIELD = "id";

  private final Rows rows;
  private long number;

  NumberedRows(Rows rows) {
    this.rows = rows;
  }

  @Override
  public Optional<Row> next() throws DataException {
    Optional<Row> next = rows.next();
    if (next.isEmpty()) {
      return next;
    }
    String name = "row-%07d".formatted(++number);
    ObjectNode content = next.get().content().deepCopy();
    if (content.has(FIELD)) {
      throw new DataException(
          "%s: has a field '%s'; name it as curate.columns.key"
              .formatted(next.get().place(), FIELD));
    }
    content.put(FIELD, name);
    return Optional.of(new Row(name, next.get().place(), content));
  }

  @Override
  public void close() throws DataException {
    rows.close();
  }
}
