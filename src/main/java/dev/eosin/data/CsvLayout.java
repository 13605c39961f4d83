package dev.eosin.data;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.eosin.config.DataException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Where a table has the columns that the settings name.
///
/// @param width number of columns
/// @param where the values that a row must have, by column
record CsvLayout(
    int width,
    int image,
    OptionalInt caption,
    OptionalInt label,
    OptionalInt group,
    Map<Integer, String> where) {

  /// @throws DataException naming every column that is missing or there twice, and those there are
  static CsvLayout of(CsvTable table, CsvSettings settings) throws DataException {
    Finder finder = new Finder(table.columns());
    CsvColumns names = settings.columns();
    int image = finder.find("columns.image", names.image());
    OptionalInt caption = finder.find("columns.caption", names.caption());
    OptionalInt label = finder.find("columns.label", names.label());
    OptionalInt group = finder.find("columns.group", names.group());
    Map<Integer, String> where = new LinkedHashMap<>();
    settings.where().forEach((name, value) -> where.put(finder.find("where", name), value));
    finder.throwIfMissing(table);
    return new CsvLayout(table.columns().size(), image, caption, label, group, Map.copyOf(where));
  }

  /// Whether the row has every value of `where`.
  boolean selects(CsvRecord row) {
    return where.entrySet().stream()
        .allMatch(entry -> row.getField(entry.getKey()).equals(entry.getValue()));
  }

  /// A field that the table may not have; empty where the row has it blank.
  static Optional<String> field(CsvRecord row, OptionalInt column) {
    return column.isEmpty()
        ? Optional.empty()
        : Optional.of(row.getField(column.getAsInt())).filter(text -> !text.isBlank());
  }

  private static final class Finder {
    private final List<String> columns;
    private final List<String> problems = new ArrayList<>();

    Finder(List<String> columns) {
      this.columns = columns;
    }

    int find(String key, String name) {
      int index = columns.indexOf(name);
      if (index < 0) {
        problems.add("no column '%s' (%s)".formatted(name, key));
      } else if (columns.lastIndexOf(name) != index) {
        problems.add("two columns '%s' (%s)".formatted(name, key));
      }
      return index;
    }

    OptionalInt find(String key, Optional<String> name) {
      return name.isEmpty() ? OptionalInt.empty() : OptionalInt.of(find(key, name.get()));
    }

    void throwIfMissing(CsvTable table) throws DataException {
      if (!problems.isEmpty()) {
        throw new DataException(
            "%s: %s; the columns are: %s"
                .formatted(table.file(), String.join(", ", problems), String.join(", ", columns)));
      }
    }
  }
}
