package dev.eosin.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.image.RgbImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Whatever data says, a page shows it as text.
class PageTest {
  private static final String HOSTILE =
      "\"><script>alert('x')</script><img src=x onerror=alert(1)>&";
  private static final String SHOWN =
      "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&amp;";

  private static Html everything() {
    double[] x = {0, 1};
    Html html = new Html().text(HOSTILE).element("p", HOSTILE, "title", HOSTILE);
    html.add(new Table(List.of(HOSTILE)).row(List.of(Table.Cell.of(HOSTILE))).html());
    html.add(Table.facts(Map.of(HOSTILE, HOSTILE)));
    html.add(CountTable.of(List.of(HOSTILE, "b"), new long[][] {{1, 2}, {3, 4}}));
    html.add(LineChart.of(HOSTILE, HOSTILE, HOSTILE, List.of(LineChart.Line.of(HOSTILE, x, x))));
    html.add(
        PointChart.of(
            HOSTILE,
            HOSTILE,
            HOSTILE,
            List.of(HOSTILE, "b"),
            List.of(new PointChart.Point(0, 1, 0, HOSTILE))));
    html.add(
        IntervalChart.of(
            HOSTILE, List.of(new IntervalChart.Row(HOSTILE, 0.5, 0.4, 0.6, List.of(0.3)))));
    html.add(BarChart.of(HOSTILE, HOSTILE, 0, 2, new int[] {1, 2}));
    var image = new RgbImage(2, 2, new byte[12]);
    html.add(
        Tiles.of(
            List.of(
                new Tiles.Tile(Optional.of(image), HOSTILE, List.of(HOSTILE), Tiles.Frame.RIGHT),
                new Tiles.Tile(Optional.empty(), HOSTILE, List.of(HOSTILE), Tiles.Frame.WRONG))));
    return html;
  }

  @Test
  void nothingThatDataSaysBecomesMarkup() {
    String page = Page.of(HOSTILE, new Html(), List.of(new Page.Section(HOSTILE, everything())));
    assertThat(page).contains(SHOWN).doesNotContain("<script").doesNotContain("<img src=x");
    // Outside of text, every quotation mark belongs to an attribute of the program's own.
    assertThat(page.replace(SHOWN, "")).doesNotContain("onerror");
    assertThat(page).contains("default-src &#39;none&#39;");
  }

  @Test
  void signsThatHtmlHasNoPlaceForAreReplaced() {
    assertThat(Html.escaped("a\u0000b\u001bc\td\n\u0085\uFFFF"))
        .isEqualTo("a\uFFFDb\uFFFDc\td\n\uFFFD\uFFFD");
    assertThat(Html.escaped("nucléole 核 🔬")).isEqualTo("nucléole 核 🔬");
    assertThatThrownBy(() -> new Html().open("p", "class"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void textsOfOthersAreShownInOnePieceAndSayWhatIsCut() {
    assertThat(Excerpt.of("question: a\nanswer:\tb\u0007")).isEqualTo("question: a answer: b?");
    assertThat(Excerpt.of("\u202Eevil\u2066")).isEqualTo("?evil?");
    String joined = "\uD83D\uDC69\u200D\u2695 \u0646\u200C\u0647";
    assertThat(Excerpt.of(joined)).isEqualTo(joined);
    assertThat(Excerpt.of("\uD83D\uDD2C".repeat(400))).doesNotContain("...");
    assertThat(Excerpt.of("a".repeat(5_000))).isEqualTo("a".repeat(400) + "... (5,000 characters)");
    assertThat(Excerpt.name("a".repeat(121))).isEqualTo("a".repeat(120) + "... (121 characters)");
  }

  @Test
  void aTitleNamesWhatThePageIsOf() {
    assertThat(Page.title("Tiles", Path.of("some/where/slides.csv")))
        .isEqualTo("Tiles: slides.csv");
    assertThat(Page.title("Tiles", Path.of("/"))).isEqualTo("Tiles: /");
  }

  @Test
  void thousandsStandApart() {
    assertThat(Table.number(1_234_567L)).isEqualTo("1,234,567");
    assertThat(Table.number(12_345.0)).isEqualTo("12,345");
    assertThat(Table.Cell.of(1_280L).text()).isEqualTo("1,280");
    assertThat(Axis.text(12_500)).isEqualTo("12,500");
    assertThat(CountTable.of(List.of("a"), new long[][] {{1_000}}).toString()).contains(">1,000 ");
    assertThat(BarChart.of("w", "x", 0, 1, new int[] {1_000}).toString())
        .contains("<title>1,000</title>");
  }

  /// As a browser on a telephone shows them; what is beyond the edge is shaded there.
  @Test
  void wideTablesSayThatTheyGoOn() {
    String page = Page.of("t", new Html(), List.of());
    assertThat(page).contains(".scroll { overflow-x: auto; max-width: 100%; background:");
    assertThat(page).contains("unicode-bidi: plaintext");
  }

  @Test
  void aPageNeedsNothingBesideItself() {
    String page = Page.of("t", new Html(), List.of(new Page.Section("s", everything())));
    assertThat(page.replaceAll("&[a-z#0-9]+;", "").replace("http-equiv", ""))
        .doesNotContain("http");
    assertThat(page).contains("alt=\"", "role=\"img\" aria-label=\"", "data:image/png;base64,");
    assertThat(page)
        .isEqualTo(Page.of("t", new Html(), List.of(new Page.Section("s", everything()))));
  }

  @Test
  void axesEndAtTicksAroundWhatTheyShow() {
    for (double[] range :
        new double[][] {
          {0, 1}, {-3, 17.2}, {0.031, 0.0312}, {5, 5}, {0, 0}, {1e-9, 2e-9}, {-4e7, 12}
        }) {
      Axis axis = Axis.around("", range[0], range[1]);
      assertThat(axis.low()).isLessThanOrEqualTo(range[0]);
      assertThat(axis.high()).isGreaterThanOrEqualTo(range[1]);
      assertThat(axis.ticks()).hasSizeBetween(2, 9).isSorted();
      assertThat(axis.at(axis.low())).isZero();
      assertThat(axis.at(axis.high())).isEqualTo(1);
    }
    assertThat(Axis.text(0.25)).isEqualTo("0.25");
    assertThat(Axis.text(40)).isEqualTo("40");
    assertThat(Axis.text(2e-5)).isEqualTo("2e-5");
    assertThat(Table.number(0.93163)).isEqualTo("0.9316");
    assertThat(Table.number(Double.NaN)).isEqualTo("–");
  }

  @Test
  void aLineIsInterruptedWhereThereIsNoNumber() {
    double[] x = {0, 1, 2, 3};
    double[] y = {0, 1, Double.NaN, 1};
    String chart = LineChart.of("w", "x", "y", List.of(LineChart.Line.of("a", x, y))).toString();
    assertThat(chart.split("<polyline", -1)).hasSize(2);
    assertThat(chart).contains("<circle").doesNotContain("NaN");
  }

  @Test
  void namesOfFiguresHaveRoom() {
    String name = "image_to_text_recall_at_1";
    var row = new IntervalChart.Row(name, 0.5, 0.00001, 0.75, List.of());
    String chart = IntervalChart.of("w", List.of(row)).toString();
    assertThat(chart).contains("</title>" + name + "</text>");
    double right =
        Double.parseDouble(chart.replaceAll("(?s).*<text x=\"([0-9.]+)\"[^>]*end\">.*", "$1"));
    assertThat(right).isGreaterThan(7 * name.length()).isLessThan(230);
    assertThat(Table.Cell.of(row.value(), row.low(), row.high()).below())
        .isEqualTo("0.0000 to 0.7500");
  }
}
