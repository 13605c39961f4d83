package dev.eosin.prepare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import java.util.Optional;

/// The rows of a table whose rows have no names: each is named by its number from 1, in the field
/// [#FIELD].
public final class NumberedRows implements Rows {
  /// The field with a row's name.
  public static final String FIELD = "id";

  private final Rows rows;
  private final String setting;
  private long number;

  /// @param setting of a recipe that would name the field of names
  public NumberedRows(Rows rows, String setting) {
    this.rows = rows;
    this.setting = setting;
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
          "%s: has a field '%s'; name it as %s".formatted(next.get().place(), FIELD, setting));
    }
    content.put(FIELD, name);
    return Optional.of(new Row(name, next.get().place(), content));
  }

  @Override
  public void close() throws DataException {
    rows.close();
  }
}
