package dev.eosin.data.quality;

import dev.eosin.page.BarChart;
import dev.eosin.page.Excerpt;
import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.Table;
import dev.eosin.page.Tiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The statistics as one HTML page that needs nothing beside itself: figures, a histogram of
/// caption lengths, and pictures of the first examined tiles.
public final class StatisticsPage {
  private StatisticsPage() {}

  /// @param title names the recipe
  public static String of(String title, StatisticsReport report) {
    Html lead = new Html();
    for (String reason : report.refusals()) {
      lead.open("p", "class", "note").element("strong", StatisticsReport.REFUSED).text(reason);
      lead.close("p").line();
    }
    report.across().forEach(finding -> lead.element("p", finding, "class", "note").line());
    List<Page.Section> sections = new ArrayList<>();
    for (Map.Entry<String, SourceStatistics> part : report.parts().entrySet()) {
      sections.add(new Page.Section(part.getKey(), part(part.getValue())));
    }
    return Page.of(title, lead, sections);
  }

  private static Html part(SourceStatistics part) {
    Html html = Table.facts(StatisticsReport.facts(part));
    if (part.captionTokens().count() > 0) {
      html.add(histogram(part.captionTokens()));
    }
    if (!part.pictures().isEmpty()) {
      html.element("h3", "First examined tiles").line();
      html.add(
          Tiles.of(
              part.pictures().stream()
                  .map(
                      tile ->
                          new Tiles.Tile(
                              Optional.of(tile.image()),
                              "tile: " + Excerpt.name(tile.caption()),
                              List.of(Excerpt.of(tile.caption())),
                              Tiles.Frame.NONE))
                  .toList()));
    }
    return html;
  }

  private static Html histogram(Distribution tokens) {
    String title =
        "Caption lengths in ids, %s to %s"
            .formatted(Table.number((long) tokens.least()), Table.number((long) tokens.most()));
    return Html.of("h3", title)
        .line()
        .add(
            BarChart.of(
                "histogram of caption lengths",
                "ids",
                tokens.least(),
                tokens.most() + 1.0,
                tokens.bars()));
  }
}
