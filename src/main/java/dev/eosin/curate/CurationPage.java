package dev.eosin.curate;

import dev.eosin.checkpoint.Quote;
import dev.eosin.curate.ShownRows.Shown;
import dev.eosin.data.Sample;
import dev.eosin.image.Filter;
import dev.eosin.image.Raster;
import dev.eosin.image.Resize;
import dev.eosin.image.RgbImage;
import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.Page.Section;
import dev.eosin.page.Table;
import dev.eosin.page.Tiles;
import dev.eosin.page.Tiles.Frame;
import dev.eosin.page.Tiles.Tile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `page.html`: what each step left out, and some of the rows.
///
/// @param found what steps found besides
record CurationPage(
    String name, StepCounts counts, ShownRows shown, Map<String, String> found, Pictures pictures) {
  private static final int SIDE = 160;

  String text() {
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("Rows", funnel()));
    int steps = counts.reasons().size();
    sections.add(
        new Section("Kept: %,d".formatted(counts.kept()), rows(shown.of(steps), Frame.RIGHT)));
    for (int step = 0; step < steps; step++) {
      if (counts.out(step) > 0) {
        sections.add(
            new Section(
                "Left out by %s: %,d".formatted(counts.reasons().get(step), counts.out(step)),
                rows(shown.of(step), Frame.WRONG)));
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
      bar(html, counts.rows() == 0 ? 0 : (double) left / counts.rows());
      html.close("tr").line();
    }
    html.close("tbody").close("table").close("div").line();
    return found.isEmpty() ? html : html.add(Table.facts(found));
  }

  private static void bar(Html html, double share) {
    String width = String.format(Locale.ROOT, "%.1f", 100 * share);
    html.open("td", "style", "min-width: 16rem");
    html.open("div", "style", "background: var(--soft)");
    html.open(
        "div", "style", "background: var(--accent); height: .8rem; width: %s%%".formatted(width));
    html.close("div").close("div").element("small", width + " %").close("td");
  }

  private Html rows(List<Shown> rows, Frame frame) {
    return rows.isEmpty()
        ? Html.of("p", "None is shown.")
        : Tiles.of(rows.stream().map(row -> tile(row, frame)).toList());
  }

  private Tile tile(Shown row, Frame frame) {
    List<String> lines = new ArrayList<>(List.of(Quote.line(row.caption())));
    if (!row.detail().isEmpty()) {
      lines.add("Why: " + Quote.line(row.detail()));
    }
    lines.add(Quote.line(row.row().key()));
    return new Tile(picture(row), Quote.line(row.row().key()), lines, frame);
  }

  /// Small; empty where it cannot be read, which a step may have said already.
  private Optional<RgbImage> picture(Shown row) {
    try {
      Optional<Sample.ImageReader> reader = pictures.of(row.row());
      return reader.isEmpty() ? Optional.empty() : Optional.of(small(reader.get().read()));
    } catch (IOException | IllegalArgumentException unreadable) {
      return Optional.empty();
    }
  }

  private static RgbImage small(Raster image) {
    double scale = Math.min(1, (double) SIDE / Math.max(image.width(), image.height()));
    int width = Math.max(1, (int) Math.round(scale * image.width()));
    int height = Math.max(1, (int) Math.round(scale * image.height()));
    return Resize.whole(image.width(), image.height(), width, height, Filter.BILINEAR)
        .apply(image)
        .toRgb();
  }
}
