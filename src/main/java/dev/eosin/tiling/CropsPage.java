package dev.eosin.tiling;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.data.shard.Member;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.page.Excerpt;
import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.Page.Section;
import dev.eosin.page.Table;
import dev.eosin.page.Table.Cell;
import dev.eosin.page.Tiles;
import dev.eosin.page.Tiles.Frame;
import dev.eosin.page.Tiles.Tile;
import dev.eosin.prepare.ShownTiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `page.html` of crops: what became of records, the first crop of some shards, and some records
/// that were dropped. Used by one thread.
final class CropsPage {
  static final String NAME = "page.html";

  private static final int SHARDS = 16;
  private static final int DROPPED = 20;

  private final Path records;
  private final List<Tile> crops = new ArrayList<>();
  private final List<List<Cell>> dropped = new ArrayList<>();

  /// @param records the file that names them
  CropsPage(Path records) {
    this.records = records;
  }

  /// Shows the first crop of one of the first shards.
  ///
  /// @param caption of it, where it has one
  void shard(Path file, @Nullable String caption) {
    if (crops.size() < SHARDS) {
      String name = String.valueOf(file.getFileName());
      Optional<RgbImage> picture;
      try {
        Member member = Member.first(file);
        name = member.name();
        picture =
            Optional.of(ShownTiles.small(new ImageDecoder().decode(member.body(), member.name())));
      } catch (IOException | IllegalArgumentException unreadable) {
        picture = Optional.empty(); // said in its place
      }
      List<String> lines = List.of(Excerpt.of(caption == null ? "" : caption), Excerpt.name(name));
      crops.add(new Tile(picture, "crop " + Excerpt.name(name), lines, Frame.RIGHT));
    }
  }

  /// Lists one of the first records that were dropped.
  ///
  /// @param crop its number, place, reason and detail
  void dropped(String slide, JsonNode crop) {
    if (dropped.size() < DROPPED) {
      dropped.add(
          List.of(
              Cell.of(crop.path(0).asText()),
              Cell.of(Excerpt.name(slide)),
              Cell.of(crop.path(1).asText() + ", " + crop.path(2).asText()),
              Cell.of(crop.path(3).asText()),
              Cell.of(Excerpt.of(crop.path(4).asText()))));
    }
  }

  /// @param told the manifest
  /// @param slides all of them, those that are left out included
  String text(JsonNode told, int slides) {
    JsonNode counts = told.path("records");
    Html funnel = new Html().open("div", "class", "scroll").open("table").line();
    counts
        .properties()
        .forEach(
            entry -> {
              funnel.open("tr").element("th", entry.getKey().replace('_', ' '), "scope", "row");
              String count = String.format(Locale.ROOT, "%,d", entry.getValue().asLong());
              funnel.element("td", count, "class", "number");
              double all = Math.max(1, counts.path("all").asDouble());
              ShownTiles.bar(funnel, entry.getValue().asDouble() / all);
              funnel.close("tr").line();
            });
    funnel.close("table").close("div");
    Table table = new Table(List.of("Record", "Slide", "Place", "Reason", "Found"));
    dropped.forEach(table::row);
    Html lead =
        Html.of(
            "p",
            String.format(
                Locale.ROOT,
                "%,d of %,d records are cut, out of %,d of %,d slides. rejects.jsonl has the other slides, dropped.jsonl every record that was dropped.",
                counts.path("kept").asLong(),
                counts.path("all").asLong(),
                told.path("slides").asLong(),
                slides));
    return Page.of(
        Page.title("Crops", records),
        lead,
        List.of(
            new Section("Records", funnel),
            new Section("First crops of shards", Tiles.of(crops)),
            new Section("Dropped", dropped.isEmpty() ? Html.of("p", "None.") : table.html())));
  }
}
