package dev.eosin.revise;

import dev.eosin.page.Html;
import dev.eosin.page.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/// The statistics of degraded captions and examples with their edits in colour, as one HTML page
/// that needs nothing beside itself.
final class DegradePage {
  private DegradePage() {}

  /// @param title names the captions
  /// @param figures the statistics, as their file has them
  /// @param examples rows by operation
  static String of(String title, String figures, SortedMap<String, List<DegradedRow>> examples) {
    Html lead = new Html().open("p").text("What was left out of the good caption is ");
    lead.element("del", "red").text(", what was put in ").element("ins", "green").text(".");
    lead.close("p").line().element("pre", figures).line();
    List<Page.Section> sections = new ArrayList<>();
    examples.forEach(
        (operation, rows) -> {
          Html html = new Html();
          rows.forEach(row -> html.add(example(row)).line());
          sections.add(new Page.Section(operation, html));
        });
    return Page.of(title, lead, sections);
  }

  private static Html example(DegradedRow row) {
    Html html = new Html().open("p").element("small", row.id()).open("br");
    return html.add(coloured(row.target(), row.operations().edits())).close("p");
  }

  /// The good caption with its edits, which may overlap: each is drawn into the pieces that those
  /// before it left.
  static Html coloured(String target, List<CaptionEdit> edits) {
    MarkedText text = new MarkedText(target);
    edits.forEach(text::apply);
    return text.html();
  }
}
