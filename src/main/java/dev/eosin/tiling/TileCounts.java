package dev.eosin.tiling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TilePlan;
import dev.eosin.slide.TileReasons;
import dev.eosin.slide.TileSelection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/// What became of a slide's tiles.
///
/// @param grid how many there are
/// @param reasons how many were dropped for each
record TileCounts(
    int grid,
    List<TilePlan.Place> kept,
    List<TilePlan.Place> dropped,
    SortedMap<String, Long> reasons) {
  /// @param places how many of the grid have tissue
  static TileCounts of(int grid, long places, Iterable<JsonNode> shards) {
    List<TilePlan.Place> kept = new ArrayList<>();
    List<TilePlan.Place> dropped = new ArrayList<>();
    SortedMap<String, Long> reasons = new TreeMap<>();
    TileReasons.ALL.forEach(reason -> reasons.put(reason, 0L));
    reasons.put(TileReasons.NO_TISSUE, grid - places);
    for (JsonNode shard : shards) {
      shard.path("kept").forEach(tile -> kept.add(place(tile)));
      for (JsonNode tile : shard.path("dropped")) {
        dropped.add(place(tile));
        reasons.merge(tile.path(2).asText(), 1L, Long::sum);
      }
    }
    return new TileCounts(grid, kept, dropped, reasons);
  }

  /// As a slide's result tells it.
  static TileCounts of(JsonNode result) {
    int grid = result.path("tiles").path("grid").asInt();
    long without = result.path("tiles").path(TileReasons.NO_TISSUE).asLong();
    return of(grid, grid - without, result.path("shards"));
  }

  private static TilePlan.Place place(JsonNode tile) {
    return new TilePlan.Place(tile.path(0).asInt(), tile.path(1).asInt());
  }

  /// Why a slide has no tile to look at.
  static String withoutTissue(Slide slide, TileSelection selection) {
    return selection.grid() == 0
        ? "the slide of %d x %d px is smaller than one tile: %s"
            .formatted(slide.width(), slide.height(), selection.plan())
        : String.format(
            Locale.ROOT,
            "of %d tiles none has enough tissue; %.1f %% of the overview is tissue; see slides/ for its picture, and tissue.preset and at-least",
            selection.grid(),
            100 * selection.tissue().share());
  }

  long of(String reason) {
    return reasons.getOrDefault(reason, 0L);
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("grid", grid).put("kept", kept.size());
    TileReasons.ALL.forEach(reason -> json.put(reason, of(reason)));
    return json;
  }

  @Override
  public String toString() {
    return "of %d tiles %d are kept; dropped: %s".formatted(grid, kept.size(), reasons);
  }
}
