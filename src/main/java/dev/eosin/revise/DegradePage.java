package dev.eosin.revise;

import java.util.List;
import java.util.SortedMap;

/// The statistics of degraded captions and examples with their edits in colour, as one HTML page
/// that needs nothing beside itself.
final class DegradePage {
  private static final String STYLE =
      """
      body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
             color: #222; background: #fff }
      pre { background: #f4f4f4; padding: .75rem; overflow-x: auto }
      p { border-bottom: 1px solid #ddd; padding-bottom: .5rem }
      del { background: #fbd5d5; color: #8b1a1a } ins { background: #d3efd5; color: #14521a }
      small { color: #777 }
      """;

  private DegradePage() {}

  /// @param figures the statistics, as their file has them
  /// @param examples rows by operation
  static String of(String figures, SortedMap<String, List<DegradedRow>> examples) {
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<title>Degraded captions</title><style>\n")
        .append(STYLE)
        .append("</style></head><body>\n<h1>Degraded captions</h1>\n")
        .append("<p>What was left out of the good caption is <del>red</del>, what was put in ")
        .append("<ins>green</ins>.</p>\n");
    page.append("<pre>").append(escaped(figures)).append("</pre>\n");
    examples.forEach(
        (operation, rows) -> {
          page.append("<h2>").append(escaped(operation)).append("</h2>\n");
          rows.forEach(row -> example(page, row));
        });
    return page.append("</body></html>\n").toString();
  }

  private static void example(StringBuilder page, DegradedRow row) {
    page.append("<p><small>")
        .append(escaped(row.id()))
        .append("</small><br>")
        .append(coloured(row.target(), row.operations().edits()))
        .append("</p>\n");
  }

  /// The good caption with its edits, which may overlap: each is drawn into the pieces that those
  /// before it left.
  static String coloured(String target, List<CaptionEdit> edits) {
    MarkedText text = new MarkedText(target);
    edits.forEach(text::apply);
    return text.html();
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
