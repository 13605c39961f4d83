package dev.eosin.data.quality;

import dev.eosin.image.ContactSheet;
import dev.eosin.image.Png;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// The statistics as one HTML page that needs nothing beside itself: figures, a histogram of
/// caption lengths, and pictures of the first examined tiles.
public final class StatisticsPage {
  private static final int BAR_WIDTH = 18;
  private static final int BAR_HEIGHT = 120;
  private static final String STYLE =
      """
      body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
             color: #222; background: #fff }
      table { border-collapse: collapse; width: 100% }
      th { text-align: left; vertical-align: top; padding: .25rem 1rem .25rem 0; white-space: nowrap }
      td { padding: .25rem 0; overflow-wrap: anywhere }
      tr { border-bottom: 1px solid #ddd }
      .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1rem }
      figure { margin: 0 } figcaption { font-size: 13px; overflow-wrap: anywhere }
      img { max-width: 100% } svg rect { fill: #9c3d6e }
      .across { border-left: 4px solid #c33; padding-left: .75rem }
      """;

  private StatisticsPage() {}

  /// @param title names the recipe
  public static String of(String title, StatisticsReport report) {
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
        .append(escaped(title))
        .append("</title><style>\n")
        .append(STYLE)
        .append("</style></head><body>\n<h1>")
        .append(escaped(title))
        .append("</h1>\n");
    for (String reason : report.refusals()) {
      page.append("<p class=\"across\"><strong>")
          .append(escaped(StatisticsReport.REFUSED))
          .append("</strong>")
          .append(escaped(reason))
          .append("</p>\n");
    }
    for (String finding : report.across()) {
      page.append("<p class=\"across\">").append(escaped(finding)).append("</p>\n");
    }
    report.parts().forEach((name, part) -> part(page, name, part));
    return page.append("</body></html>\n").toString();
  }

  private static void part(StringBuilder page, String name, SourceStatistics part) {
    page.append("<h2>").append(escaped(name)).append("</h2>\n<table>\n");
    for (Map.Entry<String, String> fact : StatisticsReport.facts(part).entrySet()) {
      page.append("<tr><th>")
          .append(escaped(fact.getKey()))
          .append("</th><td>")
          .append(escaped(fact.getValue()))
          .append("</td></tr>\n");
    }
    page.append("</table>\n");
    if (part.captionTokens().count() > 0) {
      histogram(page, part.captionTokens());
    }
    pictures(page, part.pictures());
  }

  private static void histogram(StringBuilder page, Distribution tokens) {
    int highest = java.util.Arrays.stream(tokens.bars()).max().orElse(1);
    page.append(
            "<h3>Caption lengths in ids, %d to %d</h3>\n".formatted(tokens.least(), tokens.most()))
        .append(
            "<svg width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"histogram of caption lengths\">\n"
                .formatted(BAR_WIDTH * Distribution.BARS, BAR_HEIGHT));
    for (int bar = 0; bar < Distribution.BARS; bar++) {
      int height = (int) Math.ceil((double) BAR_HEIGHT * tokens.bars()[bar] / Math.max(1, highest));
      page.append(
          "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>%d</title></rect>\n"
              .formatted(
                  bar * BAR_WIDTH, BAR_HEIGHT - height, BAR_WIDTH - 2, height, tokens.bars()[bar]));
    }
    page.append("</svg>\n");
  }

  private static void pictures(StringBuilder page, List<ContactSheet.Entry> pictures) {
    if (pictures.isEmpty()) {
      return;
    }
    page.append("<h3>First examined tiles</h3>\n<div class=\"tiles\">\n");
    for (ContactSheet.Entry tile : pictures) {
      String caption = escaped(tile.caption());
      page.append("<figure><img alt=\"Tile: ")
          .append(caption)
          .append("\" src=\"data:image/png;base64,")
          .append(Base64.getEncoder().encodeToString(Png.encode(tile.image())))
          .append("\"><figcaption>")
          .append(caption)
          .append("</figcaption></figure>\n");
    }
    page.append("</div>\n");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
