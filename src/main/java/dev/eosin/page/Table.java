package dev.eosin.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A table; a wide one scrolls within the page.
public final class Table {
  private final List<String> columns;
  private final List<List<Cell>> rows = new ArrayList<>();

  /// A cell.
  ///
  /// @param text first line
  /// @param below a second, small line; empty for none
  /// @param number whether it stands to the right
  public record Cell(String text, String below, boolean number) {
    public static Cell of(String text) {
      return new Cell(text, "", false);
    }

    /// With four decimals, or a dash where it is not a number.
    public static Cell of(double value) {
      return new Cell(Table.number(value), "", true);
    }

    /// With its interval below, whose ends are written alike.
    public static Cell of(double value, double low, double high) {
      String below =
          Double.isNaN(low) || Double.isNaN(high) ? "" : Table.end(low) + " to " + Table.end(high);
      return new Cell(Table.number(value), below, true);
    }

    public static Cell of(long count) {
      return new Cell(Table.number(count), "", true);
    }
  }

  /// @param columns their titles
  public Table(List<String> columns) {
    this.columns = List.copyOf(columns);
  }

  /// A number for a table: four decimals, fewer where they say nothing.
  public static String number(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    if (value == Math.rint(value) && Math.abs(value) >= 2 && Math.abs(value) < 1e9) {
      return number((long) value);
    }
    boolean plain = value == 0 || Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6;
    return String.format(Locale.ROOT, plain ? "%.4f" : "%.3e", value);
  }

  /// A count for a table, its thousands apart.
  public static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  private static String end(double value) {
    return Math.abs(value) < 1e-3 ? String.format(Locale.ROOT, "%.4f", value) : number(value);
  }

  /// Adds a row.
  public Table row(List<Cell> cells) {
    rows.add(List.copyOf(cells));
    return this;
  }

  /// The table as HTML; the first cell of a row is its head.
  public Html html() {
    Html html = new Html().open("div", "class", "scroll").open("table").open("thead").open("tr");
    for (int i = 0; i < columns.size(); i++) {
      html.element("th", columns.get(i), "scope", "col", "class", isNumber(i) ? "number" : "text");
    }
    html.close("tr").close("thead").line().open("tbody");
    for (List<Cell> row : rows) {
      html.open("tr");
      for (int i = 0; i < row.size(); i++) {
        cell(html, row.get(i), i == 0);
      }
      html.close("tr").line();
    }
    return html.close("tbody").close("table").close("div");
  }

  private boolean isNumber(int column) {
    return !rows.isEmpty()
        && rows.stream().allMatch(row -> column < row.size() && row.get(column).number());
  }

  private static void cell(Html html, Cell cell, boolean head) {
    String element = head && !cell.number() ? "th" : "td";
    if (element.equals("th")) {
      html.open(element, "scope", "row");
    } else {
      html.open(element, "class", cell.number() ? "number" : "text");
    }
    html.text(cell.text());
    if (!cell.below().isEmpty()) {
      html.text(" ").element("small", cell.below());
    }
    html.close(element);
  }

  /// Names and what they are.
  public static Html facts(Map<String, String> facts) {
    Html html = new Html().open("div", "class", "scroll").open("table", "class", "facts");
    facts.forEach(
        (name, value) ->
            html.open("tr")
                .element("th", name, "scope", "row")
                .element("td", value)
                .close("tr")
                .line());
    return html.close("table").close("div");
  }
}
