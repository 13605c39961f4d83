package dev.eosin.tiling;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.shard.ShardWriter;
import dev.eosin.data.slides.ListedSlide;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.Jpeg;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TilePlan;
import dev.eosin.slide.TileSelection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Writes one shard of a slide's tiles: `SLIDE_X_Y.jpg` or `.png`, `SLIDE_X_Y.json` with slide, x,
/// y, group, label and what a pixel measures, and `SLIDE_X_Y.txt` where the slide has a caption.
record TileShard(
    SlideTilesSettings settings, ListedSlide listed, Slide slide, TileSelection selection) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Cuts, judges and writes some tiles.
  ///
  /// @param places at least one
  /// @param file written whole or not at all; not at all where no tile is kept
  /// @return `kept` and `dropped`, with each tile's place, and the shard's size
  ObjectNode write(List<TilePlan.Place> places, Path file) throws DataException {
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    ArrayNode kept = report.putArray("kept");
    ArrayNode dropped = report.putArray("dropped");
    AtomicFile.write(
        file,
        out -> {
          ShardWriter shard = new ShardWriter(out);
          for (TilePlan.Place place : places) {
            switch (selection.judge(slide, place, settings.tissue())) {
              case TileSelection.Judged.Kept(RgbImage image) -> {
                add(shard, place, image);
                kept.addArray().add(place.x()).add(place.y());
              }
              case TileSelection.Judged.Dropped(var flaw) ->
                  dropped
                      .addArray()
                      .add(place.x())
                      .add(place.y())
                      .add(flaw.reason())
                      .add(flaw.detail());
            }
          }
          shard.finish();
        });
    if (kept.isEmpty()) {
      remove(file);
    } else {
      report.put("file", String.valueOf(file.getFileName())).put("bytes", size(file));
    }
    return report;
  }

  private void add(ShardWriter shard, TilePlan.Place place, RgbImage image) throws IOException {
    String name = "%s_%d_%d".formatted(listed.name(), place.x(), place.y());
    switch (settings.format()) {
      case JPEG -> shard.add(name + ".jpg", Jpeg.encode(image, settings.quality()));
      case PNG -> shard.add(name + ".png", Png.encode(image));
    }
    shard.add(name + ".json", JSON.writeValueAsBytes(fields(place)));
    if (listed.caption().isPresent()) {
      shard.add(name + ".txt", listed.caption().get().getBytes(StandardCharsets.UTF_8));
    }
  }

  private ObjectNode fields(TilePlan.Place place) {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    fields.put("slide", listed.name()).put("x", place.x()).put("y", place.y());
    fields.put("group", listed.group());
    listed.label().ifPresent(label -> fields.put("label", label));
    selection
        .plan()
        .pixel()
        .ifPresent(
            pixel -> {
              double across = selection.plan().width() / selection.plan().size();
              fields.put("mpp", pixel.x() * across);
            });
    return fields;
  }

  /// Where a shard lies.
  static Path file(Path folder, String name) {
    return folder.resolve("shards").resolve(name);
  }

  static void remove(Path file) throws DataException {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be removed: " + AtomicFile.reason(e), e);
    }
  }

  static long size(Path file) throws DataException {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }
}
