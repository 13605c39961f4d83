package dev.eosin.curate;

import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.Page.Section;
import dev.eosin.page.Table;
import dev.eosin.page.Tiles.Frame;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.ShownRows;
import dev.eosin.prepare.ShownTiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// `page.html`: what each step left out, and some of the rows.
///
/// @param found what steps found besides
record CurationPage(
    String name,
    StepCounts counts,
    ShownRows shown,
    Map<String, String> found,
    RowPictures pictures) {
  String text() {
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("Rows", funnel()));
    int steps = counts.reasons().size();
    sections.add(
        new Section(
            "Kept: %,d".formatted(counts.kept()),
            ShownTiles.of(shown.of(steps), pictures, Frame.RIGHT)));
    for (int step = 0; step < steps; step++) {
      if (counts.out(step) > 0) {
        sections.add(
            new Section(
                "Left out by %s: %,d".formatted(counts.reasons().get(step), counts.out(step)),
                ShownTiles.of(shown.of(step), pictures, Frame.WRONG)));
      }
    }
    Html lead =
        Html.of(
            "p",
            String.format(
                Locale.ROOT,
                "%,d of %,d rows are kept (%.1f %%). rejects.jsonl says of every other row which step left it out and why.",
                counts.kept(),
                counts.rows(),
                counts.rows() == 0 ? 0 : 100.0 * counts.kept() / counts.rows()));
    return Page.of("Curation: " + name, lead, sections);
  }

  private Html funnel() {
    Html html = new Html().open("div", "class", "scroll").open("table").open("thead").open("tr");
    for (String title : List.of("Step", "In", "Left out", "Changed", "Left")) {
      html.element("th", title, "scope", "col", "class", title.equals("Step") ? "text" : "number");
    }
    html.element("th", "Share of all rows", "scope", "col");
    html.close("tr").close("thead").line().open("tbody");
    for (int step = 0; step < counts.reasons().size(); step++) {
      long left = counts.in(step) - counts.out(step);
      html.open("tr").element("th", counts.reasons().get(step), "scope", "row");
      for (long count :
          new long[] {counts.in(step), counts.out(step), counts.changed(step), left}) {
        html.element("td", String.format(Locale.ROOT, "%,d", count), "class", "number");
      }
      ShownTiles.bar(html, counts.rows() == 0 ? 0 : (double) left / counts.rows());
      html.close("tr").line();
    }
    html.close("tbody").close("table").close("div").line();
    return found.isEmpty() ? html : html.add(Table.facts(found));
  }
}
