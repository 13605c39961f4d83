package dev.eosin.page;

import java.util.List;
import java.util.Locale;

/// What was taken for what: counts of classes, each row shaded by its share.
public final class CountTable {
  private CountTable() {}

  /// @param labels of the classes
  /// @param counts of rows that are of a class and were taken for one `[true][said]`
  public static Html of(List<String> labels, long[][] counts) {
    Html html = new Html().open("div", "class", "scroll").open("table", "class", "cells");
    html.element(
        "caption",
        "rows: the class they are of; columns: what they were taken for",
        "class",
        "faint");
    html.open("tr").element("td", "");
    labels.forEach(label -> html.element("th", label, "scope", "col"));
    html.close("tr").line();
    for (int of = 0; of < labels.size(); of++) {
      long all = 0;
      for (long count : counts[of]) {
        all += count;
      }
      html.open("tr").element("th", labels.get(of), "scope", "row");
      for (int said = 0; said < labels.size(); said++) {
        double share = all == 0 ? 0 : (double) counts[of][said] / all;
        html.open("td", "class", of == said ? "number own" : "number", "style", shade(share));
        html.text(Table.number(counts[of][said])).text(" ");
        html.element("small", String.format(Locale.ROOT, "%.0f %%", 100 * share)).close("td");
      }
      html.close("tr").line();
    }
    return html.close("table").close("div").line();
  }

  /// Never so dark that the number cannot be read, on light or dark paper.
  private static String shade(double share) {
    return String.format(Locale.ROOT, "background: rgb(178 70 126 / %.2f)", 0.55 * share);
  }
}
