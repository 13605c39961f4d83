package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.page.Excerpt;
import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.Page.Section;
import dev.eosin.page.Table;
import dev.eosin.page.Table.Cell;
import dev.eosin.page.Tiles.Frame;
import dev.eosin.prepare.RowPreparation.Outcome;
import dev.eosin.prepare.ShownRows.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// `page.html` of a preparation that says how its rows look: the funnel, and some rows that were
/// kept or left out. Used by one thread.
final class RowPage {
  static final String NAME = "page.html";
  private static final int SHOWN = 12;

  private final RowView view;
  private final List<String> reasons;
  private final ShownRows shown;

  /// @param reasons in the funnel's order
  RowPage(RowView view, List<String> reasons) {
    this.view = view;
    this.reasons = List.copyOf(reasons);
    shown = new ShownRows(reasons.size(), SHOWN);
  }

  void kept(Row row, JsonNode result) {
    shown.add(reasons.size(), row, view.made().apply(row, result), "");
  }

  /// Reasons of an earlier version are counted, and not shown.
  void left(Row row, Outcome.Rejected out) {
    int step = reasons.indexOf(out.reason());
    if (step >= 0) {
      shown.add(step, row, view.before().apply(row), out.detail());
    }
  }

  String text(Funnel funnel) {
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("Rows", FunnelTable.of(funnel.rows(), funnel.rejected())));
    sections.add(
        new Section(
            "Kept: %s".formatted(count(funnel.kept())), rows(shown.of(reasons.size()), true)));
    for (Map.Entry<String, Long> reason : funnel.rejected().entrySet()) {
      int step = reasons.indexOf(reason.getKey());
      if (reason.getValue() > 0 && step >= 0) {
        String title = "Left out, %s: %s".formatted(reason.getKey(), count(reason.getValue()));
        sections.add(new Section(title, rows(shown.of(step), false)));
      }
    }
    Html lead =
        Html.of(
            "p",
            "%s of %s rows are kept; rejects.jsonl says of every other row why it is left out."
                .formatted(count(funnel.kept()), count(funnel.rows())));
    return Page.of(view.title(), lead, sections);
  }

  private static String count(long rows) {
    return String.format(Locale.ROOT, "%,d", rows);
  }

  /// With pictures where any can be read, else as a table.
  private Html rows(List<Shown> some, boolean kept) {
    if (some.stream().anyMatch(row -> ShownTiles.picture(row, view.pictures()).isPresent())) {
      return ShownTiles.of(some, view.pictures(), kept ? Frame.RIGHT : Frame.WRONG);
    }
    if (some.isEmpty()) {
      return Html.of("p", "None.");
    }
    Table table = new Table(List.of("Row", kept ? "Before" : "Text", kept ? "Now" : "Why"));
    for (Shown row : some) {
      String before = kept ? view.before().apply(row.row()) : row.caption();
      table.row(
          List.of(
              Cell.of(Excerpt.name(row.row().key())),
              Cell.of(Excerpt.of(before)),
              Cell.of(Excerpt.of(kept ? row.caption() : row.detail()))));
    }
    return table.html();
  }
}
