package dev.eosin.tiling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.ListedSlide;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.Jpeg;
import dev.eosin.image.SlideCodecs;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.Rows;
import dev.eosin.slide.Contours;
import dev.eosin.slide.OverviewPicture;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TileCoordinates;
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

/// Cuts tiles of whole slides: a row is a slide, a step of it a shard.
///
/// Beside the run's own files: `shards/SLIDE-0000.tar`, `slides/SLIDE.jpg` (the overview with kept
/// and dropped tiles), `slides/SLIDE.geojson` (the tissue's contours), `slides/SLIDE.h5` (the kept
/// tiles' coordinates as TRIDENT has them), `slides.jsonl`, `dropped.jsonl`, `manifest.json`.
///
/// @param codecs decode the slides
public record SlideTiles(SlideTilesSettings settings, SlideCodecs codecs)
    implements RowPreparation {
  private static final int PICTURE_QUALITY = 85;

  @Override
  public Rows rows() throws DataException {
    return SlideRows.open(settings.slides());
  }

  @Override
  public Map<String, String> pins() {
    return Map.of(
        "tiles.cut", settings.cut().toString(),
        "tiles.tissue", settings.tissue().toString(),
        "tiles.format", settings.format() + " " + settings.quality(),
        "tiles.shard-tiles", Integer.toString(settings.shardTiles()),
        "tiles.unreadable", settings.unreadable().toString());
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
    if (selection.places().isEmpty()) {
      steps.compute(
          "pictures",
          () -> pictures(steps.folder(), listed, slide, selection, List.of(), List.of()));
      return new Outcome.Rejected(
          SlideReasons.NO_TISSUE, TileCounts.withoutTissue(slide, selection));
    }
    TileShard shard = new TileShard(settings, listed, slide, selection);
    List<JsonNode> shards = new ArrayList<>();
    List<TilePlan.Place> places = selection.places();
    for (int from = 0; from < places.size(); from += settings.shardTiles()) {
      List<TilePlan.Place> some =
          places.subList(from, Math.min(places.size(), from + settings.shardTiles()));
      String name = "%s-%04d.tar".formatted(listed.name(), shards.size());
      Path file = steps.folder().resolve("shards").resolve(name);
      shards.add(steps.compute(name, () -> shard.write(some, file)));
    }
    TileCounts counts = TileCounts.of(selection, shards);
    steps.compute(
        "pictures",
        () ->
            pictures(
                steps.folder(), listed, slide, selection, counts.kept(), counts.dropped()));
    if (counts.of(TileReasons.UNREADABLE) > settings.unreadable().value() * places.size()) {
      return new Outcome.Rejected(SlideReasons.UNREADABLE_TILES, counts.toString());
    }
    if (counts.kept().isEmpty()) {
      return new Outcome.Rejected(SlideReasons.NO_TILE_KEPT, counts.toString());
    }
    return new Outcome.Kept(result(listed, slide, selection, shards, counts));
  }

  /// What is looked at, and what other programs read.
  private ObjectNode pictures(
      Path folder,
      ListedSlide listed,
      Slide slide,
      TileSelection selection,
      List<TilePlan.Place> kept,
      List<TilePlan.Place> dropped)
      throws DataException {
    Path base = folder.resolve("slides");
    OverviewPicture picture =
        new OverviewPicture(selection).frame(dropped, false).frame(kept, true);
    byte[] jpeg = Jpeg.encode(picture.image(), PICTURE_QUALITY);
    AtomicFile.write(base.resolve(listed.name() + ".jpg"), out -> out.write(jpeg));
    byte[] contours = Contours.of(selection.tissue()).geoJson();
    AtomicFile.write(base.resolve(listed.name() + ".geojson"), out -> out.write(contours));
    if (!kept.isEmpty()) {
      TileCoordinates.write(
          base.resolve(listed.name() + ".h5"),
          listed.name(),
          slide,
          selection.plan(),
          settings.cut(),
          kept);
    }
    return JsonNodeFactory.instance.objectNode();
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
    result.put("cut", selection.plan().toString());
    result.put("tissue_share", Math.round(1e4 * selection.tissue().share()) / 1e4);
    result.set("tiles", counts.json());
    if (!selection.overview().unreadable().isEmpty()) {
      result.put("overview_unreadable", selection.overview().unreadable().getFirst());
    }
    ArrayNode written = result.putArray("shards");
    shards.forEach(written::add);
    return result;
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return new TilesAssembly(settings, codecs, outputs);
  }
}
