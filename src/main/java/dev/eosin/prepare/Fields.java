package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import java.util.List;
import java.util.Map;

/// What rows say in their fields.
public final class Fields {
  private static final int SHOWN = 20;

  private Fields() {}

  /// The text of a field; of a number or truth value as it is written; empty where it says null.
  ///
  /// @param key of the recipe that names the field, such as curate.columns.caption
  /// @throws DataException when the row has no such field, or an object or a list in it: it is
  ///   another table than the recipe describes
  public static String text(Row row, String field, String key) throws DataException {
    JsonNode value = row.content().path(field);
    if (value.isNull()) {
      return "";
    }
    if (!value.isValueNode()) {
      throw noText(row, field, key);
    }
    return value.asText();
  }

  /// What is said of a field that is not there or holds no text.
  ///
  /// @param key of the recipe that names the field
  public static DataException noText(Row row, String field, String key) {
    JsonNode value = row.content().path(field);
    List<String> names = row.content().propertyStream().map(Map.Entry::getKey).toList();
    return new DataException(
        "field %s is %s, expected a text or null; name the right one by %s%s"
            .formatted(
                Quote.of(field),
                value.isMissingNode() ? "missing" : Quote.line(value.toString()),
                key,
                value.isMissingNode()
                    ? "; the row has " + (names.isEmpty() ? "no field" : Quote.some(names, SHOWN))
                    : ""));
  }

  /// How many words a text has: what white space sets apart.
  public static int words(String text) {
    int words = 0;
    boolean inside = false;
    for (int i = 0; i < text.length(); i++) {
      boolean white = Character.isWhitespace(text.charAt(i));
      words += !white && !inside ? 1 : 0;
      inside = !white;
    }
    return words;
  }
}
