package dev.eosin.prepare;

import dev.eosin.page.Html;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/// A funnel on a page: why rows are left out, and how many are left behind each reason.
public final class FunnelTable {
  private FunnelTable() {}

  /// @param rows all that went in
  /// @param left how many are left out for each reason, in their order
  public static Html of(long rows, SequencedMap<String, Long> left) {
    Html html = new Html().open("div", "class", "scroll").open("table").open("thead").open("tr");
    html.element("th", "Reason", "scope", "col", "class", "text");
    html.element("th", "Left out", "scope", "col", "class", "number");
    html.element("th", "Left", "scope", "col", "class", "number");
    html.element("th", "Share of all rows", "scope", "col").close("tr").close("thead").line();
    html.open("tbody");
    long remaining = rows;
    for (Map.Entry<String, Long> reason : left.entrySet()) {
      remaining -= reason.getValue();
      html.open("tr").element("th", reason.getKey(), "scope", "row");
      html.element("td", number(reason.getValue()), "class", "number");
      html.element("td", number(remaining), "class", "number");
      ShownTiles.bar(html, rows == 0 ? 0 : (double) remaining / rows);
      html.close("tr").line();
    }
    return html.close("tbody").close("table").close("div").line();
  }

  private static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }
}
