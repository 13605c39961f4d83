package dev.eosin.tiling;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.data.shard.Member;
import dev.eosin.data.slides.ListedSlide;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.page.Excerpt;
import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.Page.Section;
import dev.eosin.page.Tiles;
import dev.eosin.page.Tiles.Frame;
import dev.eosin.page.Tiles.Tile;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.ShownTiles;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TilePlan;
import dev.eosin.slide.TileReasons;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// `page.html` of tiles: what became of slides and of their tiles, overviews, some tiles that are
/// kept, and for each reason some that were dropped, which are cut once more for the page. Used by
/// one thread.
final class TilesPage {
  static final String NAME = "page.html";

  private static final int OVERVIEWS = 8;
  private static final int OVERVIEW_SIDE = 360;
  private static final int KEPT = 16;
  private static final int DROPPED = 8;

  /// Of one slide, for one reason: others are to be seen, too.
  private static final int DROPPED_OF_SLIDE = 2;

  private final SlideTilesSettings settings;
  private final SlideCodecs codecs;
  private final Path folder;
  private final int rows;
  private final Html overviews = new Html();
  private final List<Tile> kept = new ArrayList<>();
  private final SequencedMap<String, List<Tile>> dropped = new LinkedHashMap<>();
  private final SequencedMap<String, Long> slides = new LinkedHashMap<>();
  private int seen;

  /// @param rows all slides, those included that were left out before any tile was looked at
  TilesPage(SlideTilesSettings settings, SlideCodecs codecs, Path folder, int rows) {
    this.settings = settings;
    this.codecs = codecs;
    this.folder = folder;
    this.rows = rows;
    TileReasons.ALL.forEach(reason -> dropped.put(reason, new ArrayList<>()));
  }

  /// Takes a slide whose tiles were looked at.
  ///
  /// @param result what was found, with the reason for which it is left out after all
  void add(Row row, JsonNode result) throws IOException {
    ListedSlide listed = SlideRows.slide(row);
    boolean leftOut = result.has(SlideTiles.LEFT_OUT);
    slides.merge(leftOut ? result.path(SlideTiles.LEFT_OUT).asText() : "cut", 1L, Long::sum);
    if (seen++ < OVERVIEWS) {
      overview(listed, result, leftOut);
    }
    if (!leftOut && kept.size() < KEPT) {
      result
          .path("shards")
          .valueStream()
          .filter(shard -> shard.has("file"))
          .findFirst()
          .ifPresent(this::first);
    }
    showDropped(listed, result);
  }

  private void overview(ListedSlide listed, JsonNode result, boolean leftOut) {
    String name = Excerpt.name(listed.name());
    overviews.open("figure", "class", leftOut ? "wrong" : "right");
    Optional<RgbImage> picture =
        read(
            () ->
                ShownTiles.small(
                    new ImageDecoder().decode(folder.resolve("slides/" + listed.name() + ".jpg")),
                    OVERVIEW_SIDE));
    if (picture.isPresent()) {
      String alternative =
          "overview of %s with its tiles: kept ones green, dropped ones red".formatted(name);
      overviews.open(
          "img",
          "alt",
          alternative,
          "src",
          Tiles.source(picture.get()),
          "style",
          "max-width: 100%");
    }
    JsonNode tiles = result.path("tiles");
    String counts =
        String.format(
            Locale.ROOT,
            "%s: %,d of %,d tiles are kept",
            name,
            tiles.path("kept").asLong(),
            tiles.path("grid").asLong());
    String why =
        leftOut ? "; left out: " + Excerpt.of(result.path(SlideTiles.DETAIL).asText()) : "";
    overviews.element("figcaption", counts + why).close("figure").line();
  }

  private void first(JsonNode shard) {
    Path file = TileShard.file(folder, shard.path("file").asText());
    String name = String.valueOf(file.getFileName());
    Optional<RgbImage> picture =
        read(
            () -> {
              Member member = Member.first(file);
              return ShownTiles.small(new ImageDecoder().decode(member.body(), member.name()));
            });
    kept.add(
        new Tile(
            picture,
            "first tile of " + Excerpt.name(name),
            List.of(Excerpt.name(name)),
            Frame.RIGHT));
  }

  private void showDropped(ListedSlide listed, JsonNode result) throws IOException {
    SequencedMap<String, List<JsonNode>> shown = new LinkedHashMap<>();
    for (JsonNode shard : result.path("shards")) {
      for (JsonNode tile : shard.path("dropped")) {
        String reason = tile.path(2).asText();
        List<JsonNode> here = shown.computeIfAbsent(reason, _ -> new ArrayList<>());
        if (here.size() < DROPPED_OF_SLIDE && here.size() + of(reason).size() < DROPPED) {
          here.add(tile);
        }
      }
    }
    if (shown.values().stream().allMatch(List::isEmpty)) {
      return;
    }
    try (Slide slide = Slide.open(listed.file(), codecs)) {
      TilePlan plan = TilePlan.of(slide, listed.pixel(), settings.cut());
      for (Map.Entry<String, List<JsonNode>> reason : shown.entrySet()) {
        for (JsonNode tile : reason.getValue()) {
          of(reason.getKey()).add(dropped(listed, slide, plan, tile));
        }
      }
    }
  }

  private List<Tile> of(String reason) {
    return dropped.computeIfAbsent(reason, _ -> new ArrayList<>());
  }

  private static Tile dropped(ListedSlide listed, Slide slide, TilePlan plan, JsonNode tile) {
    TilePlan.Place place = new TilePlan.Place(tile.path(0).asInt(), tile.path(1).asInt());
    String where = "%s at %d, %d".formatted(Excerpt.name(listed.name()), place.x(), place.y());
    return new Tile(
        read(() -> ShownTiles.small(plan.read(slide, place))),
        "dropped tile of " + where,
        List.of(Excerpt.of(tile.path(3).asText()), where),
        Frame.WRONG);
  }

  /// How a picture of the page comes to be.
  @FunctionalInterface
  private interface Picture {
    RgbImage read() throws IOException;
  }

  /// Empty where it cannot be read, which is said in its place.
  private static Optional<RgbImage> read(Picture picture) {
    try {
      return Optional.of(picture.read());
    } catch (IOException | IllegalArgumentException unreadable) {
      return Optional.empty();
    }
  }

  /// @param totals of the slides that are cut: tiles of the grid, kept, and dropped by reason
  String text(JsonNode totals) {
    long before = rows - slides.values().stream().mapToLong(Long::longValue).sum();
    SequencedMap<String, Long> ofSlides = new LinkedHashMap<>();
    ofSlides.put("all", (long) rows);
    ofSlides.put("cut", slides.getOrDefault("cut", 0L));
    slides.forEach(ofSlides::putIfAbsent);
    ofSlides.put("left out before they were cut", before);
    SequencedMap<String, Long> ofTiles = new LinkedHashMap<>();
    totals.properties().forEach(total -> ofTiles.put(total.getKey(), total.getValue().asLong()));
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("Slides", funnel(ofSlides, rows)));
    sections.add(
        new Section(
            "Tiles of the slides that are cut", funnel(ofTiles, totals.path("grid").asLong())));
    sections.add(
        new Section(
            "Overviews",
            new Html().open("div", "class", "pair").line().add(overviews).close("div")));
    sections.add(new Section("Kept", kept.isEmpty() ? Html.of("p", "None.") : Tiles.of(kept)));
    dropped.forEach(
        (reason, tiles) -> {
          if (!tiles.isEmpty()) {
            sections.add(new Section("Dropped: " + reason, Tiles.of(tiles)));
          }
        });
    return Page.of(Page.title("Tiles", settings.slides().path()), lead(totals), sections);
  }

  private Html lead(JsonNode totals) {
    return Html.of(
        "p",
        String.format(
            Locale.ROOT,
            "%,d of %,d tiles are kept, of %,d of %,d slides. rejects.jsonl says why the other slides are left out, dropped.jsonl why each tile with tissue is; slides/ has every overview.",
            totals.path("kept").asLong(),
            totals.path("grid").asLong(),
            slides.getOrDefault("cut", 0L),
            rows));
  }

  private static Html funnel(SequencedMap<String, Long> counts, long all) {
    Html html = new Html().open("div", "class", "scroll").open("table").line();
    counts.forEach(
        (name, count) -> {
          html.open("tr").element("th", name, "scope", "row");
          html.element("td", String.format(Locale.ROOT, "%,d", count), "class", "number");
          ShownTiles.bar(html, (double) count / Math.max(1, all));
          html.close("tr").line();
        });
    return html.close("table").close("div");
  }
}
