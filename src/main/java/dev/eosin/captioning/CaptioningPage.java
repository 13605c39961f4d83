package dev.eosin.captioning;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.page.Excerpt;
import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.Page.Section;
import dev.eosin.page.Table;
import dev.eosin.page.Table.Cell;
import dev.eosin.page.Tiles.Frame;
import dev.eosin.prepare.FunnelTable;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.ShownRows;
import dev.eosin.prepare.ShownRows.Shown;
import dev.eosin.prepare.ShownTiles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/// `page.html`: which answers were of use, and some of the rows.
///
/// @param told what is known of all answers, as its file has it
/// @param rows all of them
/// @param left rows that are left out after they were asked about, by reason
record CaptioningPage(
    String title,
    CaptionTask task,
    JsonNode told,
    long rows,
    long kept,
    SequencedMap<String, Long> left,
    ShownRows shown,
    RowPictures pictures) {
  String text() {
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("Rows", funnel()));
    sections.add(new Section("Answers", answers()));
    sections.add(
        new Section("Kept: " + Table.number(kept), rows(shown.of(left.size()), Frame.RIGHT)));
    int step = 0;
    for (var reason : left.sequencedEntrySet()) {
      if (reason.getValue() > 0) {
        sections.add(
            new Section(
                "Left out, %s: %s".formatted(reason.getKey(), Table.number(reason.getValue())),
                rows(shown.of(step), Frame.WRONG)));
      }
      step++;
    }
    Html lead =
        Html.of(
            "p",
            String.format(
                Locale.ROOT,
                "%,d of %,d rows have a text. answers.jsonl has every answer, word for word; rejects.jsonl says of every other row why it has none.",
                kept,
                rows));
    return Page.of(title, lead, sections);
  }

  /// With their pictures, where the model saw them.
  private Html rows(List<Shown> some, Frame frame) {
    if (task.looks() || some.isEmpty()) {
      return ShownTiles.of(some, pictures, frame);
    }
    boolean good = frame == Frame.RIGHT;
    Table table = new Table(List.of("Row", good ? "Text" : "Last answer", good ? "Before" : "Why"));
    some.forEach(
        row ->
            table.row(
                List.of(
                    Cell.of(Excerpt.name(row.row().key())),
                    Cell.of(Excerpt.of(row.caption())),
                    Cell.of(Excerpt.of(row.detail())))));
    return table.html();
  }

  private Html funnel() {
    SequencedMap<String, Long> all = new LinkedHashMap<>();
    all.put("not asked: no image or no text", rows - told.path("rows").asLong());
    all.putAll(left);
    return FunnelTable.of(rows, all);
  }

  private Html answers() {
    Table counts = new Table(List.of("Answers", "Times"));
    counts.row(List.of(Cell.of("all"), Cell.of(told.path("answers").asLong())));
    counts.row(List.of(Cell.of("asked again"), Cell.of(told.path("asked_again").asLong())));
    told.path("of_no_use")
        .properties()
        .forEach(
            flaw ->
                counts.row(
                    List.of(
                        Cell.of("of no use: " + flaw.getKey()),
                        Cell.of(flaw.getValue().asLong()))));
    counts.row(
        List.of(
            Cell.of("rows with boilerplate"),
            Cell.of(told.path("rows_with_boilerplate").asLong())));
    Html html = new Html().add(counts.html()).line();
    html.element("h3", "Boilerplate that was found").add(texts("boilerplate"));
    return html.element("h3", "How texts begin").add(texts("beginnings"));
  }

  private Html texts(String field) {
    if (told.path(field).isEmpty()) {
      return Html.of("p", "None.");
    }
    Table table = new Table(List.of("Words", "Times"));
    told.path(field)
        .forEach(
            entry ->
                table.row(
                    List.of(
                        Cell.of(entry.path("text").asText()),
                        Cell.of(entry.path("times").asLong()))));
    return table.html();
  }
}
