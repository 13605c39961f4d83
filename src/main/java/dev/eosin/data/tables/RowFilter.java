package dev.eosin.data.tables;

import dev.eosin.data.Names;
import dev.eosin.data.OneLine;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/// Chooses rows by the setting `where` and remembers what the fields held, to tell when no row
/// fits.
public final class RowFilter {
  private static final int VALUES_SHOWN = 20;
  private final Map<String, String> where;
  private long notSelected;
  private final Map<String, Set<String>> seen = new TreeMap<>();

  public RowFilter(Map<String, String> where) {
    this.where = where;
    where.keySet().forEach(field -> seen.put(field, new TreeSet<>()));
  }

  /// Whether the row has every value.
  ///
  /// @param field gives a field's text; blank where the row lacks it
  public boolean selects(UnaryOperator<String> field) {
    boolean selected = true;
    for (Map.Entry<String, String> wanted : where.entrySet()) {
      String value = field.apply(wanted.getKey());
      note(wanted.getKey(), value);
      selected &= value.equals(wanted.getValue());
    }
    notSelected += selected ? 0 : 1;
    return selected;
  }

  /// What was not selected, in one line; empty where everything was.
  public List<String> passedOver() {
    return notSelected == 0
        ? List.of()
        : List.of(
            "%d rows without %s (where)".formatted(notSelected, OneLine.of(where.toString())));
  }

  private void note(String field, String value) {
    Set<String> values = seen.getOrDefault(field, Set.of());
    if (values.size() < VALUES_SHOWN) {
      values.add(value);
    }
  }

  /// Why no row was selected, for a table that has rows.
  public String describeMismatch() {
    StringBuilder text = new StringBuilder("no row has ").append(where);
    seen.forEach(
        (field, values) -> text.append("; %s is one of [%s]".formatted(field, Names.of(values))));
    return OneLine.of(text.toString());
  }
}
