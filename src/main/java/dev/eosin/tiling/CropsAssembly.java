package dev.eosin.tiling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.json.PathGenRecords;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.ParquetTexts;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import dev.eosin.slide.Slide;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Writes what is said of all slides and records. A shard that is no longer there is cut again.
final class CropsAssembly implements Assembly {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final CropsSettings settings;
  private final long records;
  private final SlideCodecs codecs;
  private final Path folder;
  private final Outputs.Lines slides;
  private final Outputs.Lines dropped;
  private final OutputStream manifest;
  private final ArrayNode shards = JsonNodeFactory.instance.arrayNode();
  private final ParquetTexts table;
  private final OutputStream page;
  private final CropsPage shown;
  private final int rows;
  private CropCounts counts = CropCounts.none();
  private long count;

  /// @param records how many the file has
  CropsAssembly(CropsSettings settings, long records, SlideCodecs codecs, Outputs outputs)
      throws IOException {
    this.settings = settings;
    this.records = records;
    this.codecs = codecs;
    this.folder = outputs.folder();
    this.slides = outputs.jsonLines("slides.jsonl");
    this.dropped = outputs.jsonLines("dropped.jsonl");
    this.manifest = outputs.open("manifest.json");
    this.table =
        new ParquetTexts(
            outputs.open("crops.parquet"), List.of("slide", "x", "y", "caption", "shard"));
    this.page = outputs.open(CropsPage.NAME);
    this.shown = new CropsPage(settings.records());
    this.rows = outputs.rows();
  }

  @Override
  public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
    restore(row, result);
    count++;
    CropCounts here = CropCounts.of(result);
    counts = counts.plus(here);
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("slide", CropRows.slide(row));
    CropRows.fileId(row).ifPresent(id -> line.put("file_id", id));
    line.put("file", CropRows.file(row).map(Path::toString).orElse(""));
    for (String field : List.of("width", "height", "mpp", "mpp_source")) {
      if (result.has(field)) {
        line.set(field, result.path(field));
      }
    }
    here.put(line);
    ArrayNode written = line.putArray(PathGenCrops.SHARDS);
    for (JsonNode crop : result.path(PathGenCrops.REPEATED)) {
      writeDropped(row, crop);
    }
    for (JsonNode shard : result.path(PathGenCrops.SHARDS)) {
      for (JsonNode crop : shard.path("dropped")) {
        writeDropped(row, crop);
      }
      if (shard.has("file")) {
        String file = shard.path("file").asText();
        written.add(file);
        list(row, shard, file);
        shards
            .addObject()
            .put("file", file)
            .put("crops", shard.path("kept").size())
            .put("bytes", shard.path("bytes").asLong());
      }
    }
    slides.write(line);
    return Optional.empty();
  }

  /// The crops of a shard, each with its caption.
  private void list(Row row, JsonNode shard, String file) throws IOException {
    Map<Long, String> captions = new HashMap<>();
    CropRows.crops(row).forEach(crop -> captions.put(crop.number(), crop.caption()));
    for (JsonNode crop : shard.path("kept")) {
      Optional<String> caption = Optional.ofNullable(captions.get(crop.path(0).asLong()));
      Optional<String> x = Optional.of(crop.path(1).asText());
      Optional<String> y = Optional.of(crop.path(2).asText());
      table.add(
          crop.path(0).asLong(),
          List.of(Optional.of(CropRows.slide(row)), x, y, caption, Optional.of(file)));
    }
    shown.shard(
        TileShard.file(folder, file), captions.get(shard.path("kept").path(0).path(0).asLong()));
  }

  private void writeDropped(Row row, JsonNode crop) throws IOException {
    shown.dropped(CropRows.slide(row), crop);
    dropped.write(
        JsonNodeFactory.instance
            .objectNode()
            .put("record", crop.path(0).asLong())
            .put("slide", CropRows.slide(row))
            .put("x", crop.path(1).asInt())
            .put("y", crop.path(2).asInt())
            .put("reason", crop.path(3).asText())
            .put("detail", crop.path(4).asText()));
  }

  /// Cuts again what was lost of a slide's shards.
  private void restore(Row row, JsonNode result) throws IOException {
    List<JsonNode> lost = new ArrayList<>();
    for (JsonNode shard : result.path(PathGenCrops.SHARDS)) {
      Path file = TileShard.file(folder, shard.path("file").asText());
      if (shard.has("file")
          && !(Files.exists(file) && Files.size(file) == shard.path("bytes").asLong())) {
        lost.add(shard);
      }
    }
    if (lost.isEmpty()) {
      return;
    }
    try (Slide slide = Slide.open(CropRows.file(row).orElseThrow(), codecs)) {
      CropShard writer = CropShard.of(settings, row, slide);
      for (JsonNode shard : lost) {
        Set<Long> numbers = new HashSet<>();
        shard.path("kept").forEach(crop -> numbers.add(crop.path(0).asLong()));
        List<PathGenRecords.Crop> crops =
            CropRows.crops(row).stream().filter(crop -> numbers.contains(crop.number())).toList();
        Path file = TileShard.file(folder, shard.path("file").asText());
        if (writer.write(crops, file).path("bytes").asLong() != shard.path("bytes").asLong()) {
          throw new DataException(
              "%s: was lost, and cut again it has other bytes; prepare into a new folder"
                  .formatted(file));
        }
      }
    }
  }

  @Override
  public void finish() throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", "eosin crops 1").put("slides", count);
    ObjectNode told = root.putObject("records").put("all", records);
    counts.put(told);
    told.put("of_slides_left_out", records - counts.all());
    root.put("cut", settings.cut().toString());
    root.put("encoded", settings.format() + " " + settings.quality());
    root.set(PathGenCrops.SHARDS, shards);
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    manifest.write(text.getBytes(StandardCharsets.UTF_8));
    table.finish();
    page.write(shown.text(root, rows).getBytes(StandardCharsets.UTF_8));
  }
}
