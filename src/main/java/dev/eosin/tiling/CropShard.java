package dev.eosin.tiling;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.json.PathGenRecords;
import dev.eosin.data.shard.ShardWriter;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.Jpeg;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.prepare.Row;
import dev.eosin.slide.PixelSize;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TilePlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Writes one shard of a slide's crops: `SLIDE_X_Y.jpg` or `.png`, `.json` with slide, group, x, y,
/// record, what a pixel measures and GDC's file, and `.txt` with the caption.
record CropShard(CropsSettings settings, Row row, Slide slide, TilePlan plan) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static CropShard of(CropsSettings settings, Row row, Slide slide) throws DataException {
    return new CropShard(
        settings, row, slide, TilePlan.of(slide, Optional.empty(), settings.cut()));
  }

  /// Cuts and writes some crops.
  ///
  /// @param crops at least one
  /// @param file written whole or not at all; not at all where none is kept
  /// @return `kept` and `dropped`, with each crop's record and place, and the shard's size
  ObjectNode write(List<PathGenRecords.Crop> crops, Path file) throws DataException {
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    ArrayNode kept = report.putArray("kept");
    ArrayNode dropped = report.putArray("dropped");
    AtomicFile.write(
        file,
        out -> {
          ShardWriter shard = new ShardWriter(out);
          for (PathGenRecords.Crop crop : crops) {
            write(crop, shard, kept, dropped);
          }
          shard.finish();
        });
    if (kept.isEmpty()) {
      TileShard.remove(file);
    } else {
      report.put("file", String.valueOf(file.getFileName())).put("bytes", TileShard.size(file));
    }
    return report;
  }

  private void write(PathGenRecords.Crop crop, ShardWriter shard, ArrayNode kept, ArrayNode dropped)
      throws IOException {
    if (!plan.fits(slide, crop.x(), crop.y())) {
      String size = "the slide has %d x %d px".formatted(slide.width(), slide.height());
      drop(crop, CropReasons.OUTSIDE, size, dropped);
      return;
    }
    RgbImage image;
    try {
      image = plan.read(slide, new TilePlan.Place(crop.x(), crop.y()));
    } catch (DataException broken) {
      drop(crop, CropReasons.UNREADABLE, String.valueOf(broken.getMessage()), dropped);
      return;
    }
    String name = "%s_%d_%d".formatted(row.key(), crop.x(), crop.y());
    switch (settings.format()) {
      case JPEG -> shard.add(name + ".jpg", Jpeg.encode(image, settings.quality()));
      case PNG -> shard.add(name + ".png", Png.encode(image));
    }
    shard.add(name + ".json", JSON.writeValueAsBytes(fields(crop)));
    shard.add(name + ".txt", crop.caption().getBytes(StandardCharsets.UTF_8));
    kept.addArray().add(crop.number()).add(crop.x()).add(crop.y());
  }

  private static void drop(
      PathGenRecords.Crop crop, String reason, String detail, ArrayNode dropped) {
    dropped.addArray().add(crop.number()).add(crop.x()).add(crop.y()).add(reason).add(detail);
  }

  private ObjectNode fields(PathGenRecords.Crop crop) {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    fields.put("slide", CropRows.slide(row)).put("group", CropRows.slide(row));
    fields.put("x", crop.x()).put("y", crop.y()).put("record", crop.number());
    CropRows.fileId(row).ifPresent(id -> fields.put("file_id", id));
    pixel(slide).ifPresent(pixel -> fields.put("mpp", pixel.x() * (plan.width() / plan.size())));
    return fields;
  }

  /// What a pixel of level 0 measures, where the slide says it: 672 px are 20x of one slide, 40x of
  /// another.
  static Optional<PixelSize> pixel(Slide slide) {
    try {
      return Optional.of(PixelSize.of(slide, Optional.empty(), true));
    } catch (DataException notSaid) {
      return Optional.empty();
    }
  }
}
