package dev.eosin.curate;

import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.Page.Section;
import dev.eosin.page.Table;
import dev.eosin.page.Tiles.Frame;
import dev.eosin.prepare.FunnelTable;
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
            "Kept: " + Table.number(counts.kept()),
            ShownTiles.of(shown.of(steps), pictures, Frame.RIGHT)));
    for (int step = 0; step < steps; step++) {
      if (counts.out(step) > 0) {
        sections.add(
            new Section(
                "Left out by %s: %s"
                    .formatted(counts.reasons().get(step), Table.number(counts.out(step))),
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
    FunnelTable table =
        new FunnelTable("Step", List.of("In", "Left out", "Changed", "Left"), counts.rows());
    for (int step = 0; step < counts.reasons().size(); step++) {
      long left = counts.in(step) - counts.out(step);
      table.row(
          counts.reasons().get(step),
          left,
          List.of(counts.in(step), counts.out(step), counts.changed(step), left));
    }
    Html html = table.html();
    return found.isEmpty() ? html : html.add(Table.facts(found));
  }
}
