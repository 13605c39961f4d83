package dev.eosin.prepare;

import dev.eosin.page.Html;
import dev.eosin.page.Table;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A funnel on a page: what rows go through, and how many are left behind each. Used by one thread.
public final class FunnelTable {
  private final long rows;
  private final List<String> columns;
  private final Html html;

  /// @param step what rows go through
  /// @param columns the counts of each
  /// @param rows all that went in
  public FunnelTable(String step, List<String> columns, long rows) {
    this.rows = rows;
    this.columns = List.copyOf(columns);
    html = new Html().open("div", "class", "scroll");
    // Many columns stand below each other where a screen is narrow.
    html.open("table", "class", columns.size() > 2 ? "steps" : "funnel").open("thead").open("tr");
    html.element("th", step, "scope", "col", "class", "text");
    columns.forEach(each -> html.element("th", each, "scope", "col", "class", "number"));
    html.element("th", "Share of all rows", "scope", "col", "class", "share");
    html.close("tr").close("thead").line().open("tbody");
  }

  /// Why rows are left out, and how many are left behind each reason.
  ///
  /// @param rows all that went in
  /// @param left how many are left out for each reason, in their order
  public static Html of(long rows, SequencedMap<String, Long> left) {
    FunnelTable table = new FunnelTable("Reason", List.of("Left out", "Left"), rows);
    long remaining = rows;
    for (Map.Entry<String, Long> reason : left.entrySet()) {
      remaining -= reason.getValue();
      table.row(reason.getKey(), remaining, List.of(reason.getValue(), remaining));
    }
    return table.html();
  }

  /// @param left whose share of all rows is drawn
  /// @param counts one for each column
  /// @throws IllegalArgumentException for another number of counts
  public FunnelTable row(String name, long left, List<Long> counts) {
    if (counts.size() != columns.size()) {
      throw new IllegalArgumentException(
          "%d counts for %d columns".formatted(counts.size(), columns.size()));
    }
    html.open("tr").element("th", name, "scope", "row");
    counts.forEach(count -> html.element("td", Table.number(count), "class", "number"));
    ShownTiles.bar(html, rows == 0 ? 0 : (double) left / rows);
    html.close("tr").line();
    return this;
  }

  /// All rows so far; nothing is added afterwards.
  public Html html() {
    return html.close("tbody").close("table").close("div").line();
  }
}
