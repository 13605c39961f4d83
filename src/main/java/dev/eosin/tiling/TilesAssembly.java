package dev.eosin.tiling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.slides.ListedSlide;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TilePlan;
import dev.eosin.slide.TileReasons;
import dev.eosin.slide.TileSelection;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes what is said of all slides. A shard that is no longer there is cut again.
final class TilesAssembly implements Assembly {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SlideTilesSettings settings;
  private final Path folder;
  private final SlideCodecs codecs;
  private final Outputs.Lines slides;
  private final Outputs.Lines dropped;
  private final OutputStream manifest;
  private final OutputStream page;
  private final TilesPage shown;
  private final ObjectNode totals = JsonNodeFactory.instance.objectNode();
  private final ArrayNode shards = JsonNodeFactory.instance.arrayNode();
  private long count;

  TilesAssembly(SlideTilesSettings settings, SlideCodecs codecs, Outputs outputs)
      throws IOException {
    this.settings = settings;
    this.folder = outputs.folder();
    this.codecs = codecs;
    this.slides = outputs.jsonLines("slides.jsonl");
    this.dropped = outputs.jsonLines("dropped.jsonl");
    this.manifest = outputs.open("manifest.json");
    this.page = outputs.open(TilesPage.NAME);
    this.shown = new TilesPage(settings, codecs, outputs.folder(), outputs.rows());
    totals.put("grid", 0L).put("kept", 0L);
    TileReasons.ALL.forEach(reason -> totals.put(reason, 0L));
  }

  @Override
  public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
    restore(row, result);
    shown.add(row, result);
    if (result.has(SlideTiles.LEFT_OUT)) {
      return Optional.of(
          new Outcome.Rejected(
              result.path(SlideTiles.LEFT_OUT).asText(), result.path(SlideTiles.DETAIL).asText()));
    }
    count++;
    ObjectNode line = result.deepCopy();
    ArrayNode written = line.putArray("shards");
    for (JsonNode shard : result.path("shards")) {
      writeDropped(row, shard);
      if (shard.has("file")) {
        ObjectNode entry = JsonNodeFactory.instance.objectNode();
        entry.put("file", shard.path("file").asText()).put("tiles", shard.path("kept").size());
        entry.put("bytes", shard.path("bytes").asLong());
        shards.add(entry);
        written.add(shard.path("file").asText());
      }
    }
    for (Map.Entry<String, JsonNode> total : totals.properties()) {
      long more = result.path("tiles").path(total.getKey()).asLong();
      total.setValue(LongNode.valueOf(total.getValue().asLong() + more));
    }
    slides.write(line);
    return Optional.empty();
  }

  private void writeDropped(Row row, JsonNode shard) throws IOException {
    for (JsonNode tile : shard.path("dropped")) {
      dropped.write(
          JsonNodeFactory.instance
              .objectNode()
              .put("slide", row.key())
              .put("x", tile.path(0).asInt())
              .put("y", tile.path(1).asInt())
              .put("reason", tile.path(2).asText())
              .put("detail", tile.path(3).asText()));
    }
  }

  /// Makes again what was lost of a slide's files.
  private void restore(Row row, JsonNode result) throws IOException {
    TileCounts counts = TileCounts.of(result);
    SlidePictures pictures = new SlidePictures(folder, row.key());
    List<JsonNode> lost = new ArrayList<>();
    for (JsonNode shard : result.path("shards")) {
      Path file = TileShard.file(folder, shard.path("file").asText());
      boolean wanted = shard.has("file") && !result.has(SlideTiles.LEFT_OUT);
      if (wanted && !(Files.exists(file) && Files.size(file) == shard.path("bytes").asLong())) {
        lost.add(shard);
      }
    }
    if (lost.isEmpty() && pictures.complete(counts)) {
      return;
    }
    ListedSlide listed = SlideRows.slide(row);
    try (Slide slide = Slide.open(listed.file(), codecs)) {
      TileSelection selection =
          TileSelection.of(slide, listed.name(), listed.pixel(), settings.cut(), settings.tissue());
      pictures.write(listed, slide, selection, settings.cut(), counts);
      for (JsonNode shard : lost) {
        cutAgain(new TileShard(settings, listed, slide, selection), shard);
      }
    }
  }

  private void cutAgain(TileShard writer, JsonNode shard) throws IOException {
    List<TilePlan.Place> places = new ArrayList<>();
    for (JsonNode tile : shard.path("kept")) {
      places.add(new TilePlan.Place(tile.path(0).asInt(), tile.path(1).asInt()));
    }
    Path file = TileShard.file(folder, shard.path("file").asText());
    if (writer.write(places, file).path("bytes").asLong() != shard.path("bytes").asLong()) {
      throw new DataException(
          "%s: was lost, and cut again it has other bytes; prepare into a new folder"
              .formatted(file));
    }
  }

  @Override
  public void finish() throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", "eosin tiles 1").put("slides", count);
    root.set("tiles", totals);
    root.put("cut", settings.cut().toString()).put("tissue", settings.tissue().toString());
    root.put("encoded", settings.format() + " " + settings.quality());
    root.set("shards", shards);
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    manifest.write(text.getBytes(StandardCharsets.UTF_8));
    page.write(shown.text(totals).getBytes(StandardCharsets.UTF_8));
  }
}
