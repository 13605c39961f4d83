package dev.eosin.tiling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.slides.ListedSlide;
import dev.eosin.image.slides.OpenSlide;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.Rows;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TilePlan;
import dev.eosin.slide.TileReasons;
import dev.eosin.slide.TileSelection;
import dev.eosin.slide.TooCoarseException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/// Cuts tiles of whole slides: a row is a slide, a step of it a shard.
///
/// Beside the run's own files: `shards/SLIDE-0000.tar`, `slides/SLIDE.jpg` (the overview with kept
/// and dropped tiles), `slides/SLIDE.geojson` (the tissue's contours), `slides/SLIDE.h5` (the kept
/// tiles' coordinates as TRIDENT has them), `slides.jsonl`, `dropped.jsonl`, `manifest.json`,
/// `page.html`.
///
/// @param codecs decode the slides
public record SlideTiles(SlideTilesSettings settings, SlideCodecs codecs)
    implements RowPreparation {
  static final String LEFT_OUT = "left_out";
  static final String DETAIL = "detail";

  @Override
  public Rows rows() throws DataException {
    return SlideRows.open(
        settings.slides(), settings.tissue(), codecs.openSlide().map(OpenSlide::version));
  }

  @Override
  public Map<String, String> pins() {
    return Map.of(
        "tiles.cut", settings.cut().toString(),
        "tiles.tissue", settings.tissue().toString(),
        "tiles.format", settings.format() + " " + settings.quality(),
        "tiles.shard-tiles", Integer.toString(settings.shardTiles()),
        "tiles.unreadable", settings.unreadable().toString(),
        // Their samples differ by 1.
        "tiles.jpeg-2000", codecs.jpeg2000().isPresent() ? "libopenjp2" : "java");
  }

  @Override
  public List<String> reasons() {
    return SlideReasons.ALL;
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    ListedSlide listed = SlideRows.slide(row);
    Slide slide;
    try {
      slide = Slide.open(listed.file(), codecs);
    } catch (DataException e) {
      return rejected(SlideReasons.UNREADABLE_SLIDE, e);
    }
    try (slide) {
      TileSelection selection;
      try {
        selection =
            TileSelection.of(
                slide, listed.name(), listed.pixel(), settings.cut(), settings.tissue());
      } catch (TooCoarseException e) {
        return rejected(SlideReasons.TOO_COARSE, e);
      } catch (DataException e) {
        return rejected(SlideReasons.NO_PLAN, e);
      }
      return cut(listed, slide, selection, steps);
    }
  }

  private static Outcome rejected(String reason, DataException e) {
    return new Outcome.Rejected(reason, String.valueOf(e.getMessage()));
  }

  private Outcome cut(ListedSlide listed, Slide slide, TileSelection selection, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    TileShard shard = new TileShard(settings, listed, slide, selection);
    List<JsonNode> shards = new ArrayList<>();
    List<TilePlan.Place> places = selection.places();
    for (int from = 0; from < places.size(); from += settings.shardTiles()) {
      List<TilePlan.Place> some =
          places.subList(from, Math.min(places.size(), from + settings.shardTiles()));
      String name = "%s-%04d.tar".formatted(listed.name(), shards.size());
      Path file = TileShard.file(steps.folder(), name);
      shards.add(steps.compute(name, () -> shard.write(some, file)));
    }
    TileCounts counts = TileCounts.of(selection.grid(), selection.places().size(), shards);
    new SlidePictures(steps.folder(), listed.name())
        .write(listed, slide, selection, settings.cut(), counts);
    ObjectNode result = result(listed, slide, selection, shards, counts);
    leftOut(slide, selection, counts)
        .ifPresent(out -> result.put(LEFT_OUT, out.reason()).put(DETAIL, out.detail()));
    if (result.has(LEFT_OUT)) {
      // A training that is given the folder of shards must not find them.
      for (JsonNode written : shards) {
        if (written.has("file")) {
          TileShard.remove(TileShard.file(steps.folder(), written.path("file").asText()));
        }
      }
    }
    return new Outcome.Kept(result);
  }

  /// Why a slide whose tiles were looked at is left out after all. It is kept until the outputs are
  /// written, so that its pictures can be made again.
  private Optional<Outcome.Rejected> leftOut(
      Slide slide, TileSelection selection, TileCounts counts) {
    int places = selection.places().size();
    if (places == 0) {
      return left(SlideReasons.NO_TISSUE, TileCounts.withoutTissue(slide, selection));
    }
    if (counts.of(TileReasons.UNREADABLE) > settings.unreadable().value() * places) {
      return left(SlideReasons.UNREADABLE_TILES, counts.toString());
    }
    return counts.kept().isEmpty()
        ? left(SlideReasons.NO_TILE_KEPT, counts.toString())
        : Optional.empty();
  }

  private static Optional<Outcome.Rejected> left(String reason, String detail) {
    return Optional.of(new Outcome.Rejected(reason, detail));
  }

  private static ObjectNode result(
      ListedSlide listed,
      Slide slide,
      TileSelection selection,
      List<JsonNode> shards,
      TileCounts counts) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.put("slide", listed.name()).put("path", listed.path()).put("group", listed.group());
    listed.label().ifPresent(label -> result.put("label", label));
    result.put("width", slide.width()).put("height", slide.height());
    selection
        .plan()
        .pixel()
        .ifPresent(
            pixel ->
                result
                    .put("mpp_x", pixel.x())
                    .put("mpp_y", pixel.y())
                    .put("mpp_source", pixel.source().name().toLowerCase(Locale.ROOT)));
    result.put("cut", selection.plan().toString()).put("icc", colours(slide, selection));
    result.put("tissue_share", Math.round(1e4 * selection.tissue().share()) / 1e4);
    result.set("tiles", counts.json());
    if (!selection.overview().unreadable().isEmpty()) {
      SortedMap<Integer, String> unreadable = selection.overview().unreadable();
      result.put("overview_unreadable", unreadable.values().iterator().next());
      result.put("overview_unreadable_rows", unreadable.size());
    }
    ArrayNode written = result.putArray("shards");
    shards.forEach(written::add);
    return result;
  }

  /// What became of the slide's colour profile.
  private static String colours(Slide slide, TileSelection selection) {
    if (!slide.hasProfile()) {
      return "none";
    }
    return selection.plan().profile().isPresent() ? "applied" : "ignored";
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return new TilesAssembly(settings, codecs, outputs);
  }
}
