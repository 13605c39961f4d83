package dev.eosin.tiling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.ListedSlide;
import dev.eosin.image.SlideCodecs;
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
    totals.put("grid", 0L).put("kept", 0L);
    TileReasons.ALL.forEach(reason -> totals.put(reason, 0L));
  }

  @Override
  public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
    count++;
    ObjectNode line = result.deepCopy();
    ArrayNode written = line.putArray("shards");
    for (JsonNode shard : result.path("shards")) {
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
      if (shard.has("file")) {
        requireShard(row, shard);
        ObjectNode entry = JsonNodeFactory.instance.objectNode();
        entry.put("file", shard.path("file").asText()).put("tiles", shard.path("kept").size());
        entry.put("bytes", shard.path("bytes").asLong());
        shards.add(entry);
        written.add(shard.path("file").asText());
      }
    }
    totals
        .propertyStream()
        .map(entry -> entry.getKey())
        .toList()
        .forEach(
            name ->
                totals.put(
                    name, totals.path(name).asLong() + result.path("tiles").path(name).asLong()));
    slides.write(line);
    return Optional.empty();
  }

  private void requireShard(Row row, JsonNode shard) throws IOException {
    Path file = folder.resolve("shards").resolve(shard.path("file").asText());
    long wanted = shard.path("bytes").asLong();
    if (Files.exists(file) && Files.size(file) == wanted) {
      return;
    }
    ListedSlide listed = SlideRows.slide(row);
    try (Slide slide = Slide.open(listed.file(), codecs)) {
      TileSelection selection =
          TileSelection.of(
              slide, listed.name(), listed.pixel(), settings.cut(), settings.tissue());
      List<TilePlan.Place> places = new ArrayList<>();
      for (JsonNode tile : shard.path("kept")) {
        places.add(new TilePlan.Place(tile.path(0).asInt(), tile.path(1).asInt()));
      }
      ObjectNode again = new TileShard(settings, listed, slide, selection).write(places, file);
      if (again.path("bytes").asLong() != wanted) {
        throw new DataException(
            "%s: was lost, and cut again it has other bytes; prepare into a new folder"
                .formatted(file));
      }
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
  }
}
