package dev.eosin.tiling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.json.PathGenRecords;
import dev.eosin.data.slides.SlideTree;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// A row for each slide that records name, with all its crops. Which file a slide is, and how many
/// bytes it has, is part of the row, so that a preparation is not gone on with over other ones.
final class CropRows implements Rows {
  private static final String FILE = "file";
  private static final String MISSING = "missing";

  private final PathGenRecords records;
  private final SlideTree slides;
  private final Iterator<String> names;

  CropRows(PathGenRecords records, SlideTree slides) {
    this.records = records;
    this.slides = slides;
    this.names = records.slides().iterator();
  }

  @Override
  public Optional<Row> next() throws DataException {
    return names.hasNext() ? Optional.of(row(names.next())) : Optional.empty();
  }

  private Row row(String slide) throws DataException {
    PathGenRecords.OfSlide wanted = records.of(slide);
    ObjectNode content = JsonNodeFactory.instance.objectNode().put("slide", slide);
    if (!wanted.files().isEmpty()) {
      content.put("file_id", wanted.files().getFirst());
    }
    switch (slides.find(slide, wanted.files())) {
      case SlideTree.Found.One(Path file) ->
          content.put(FILE, file.toString()).put("bytes", bytes(file));
      case SlideTree.Found.None(String reason) -> content.put(MISSING, reason);
    }
    ArrayNode crops = content.putArray("crops");
    for (PathGenRecords.Crop crop : wanted.crops()) {
      crops.addArray().add(crop.number()).add(crop.x()).add(crop.y()).add(crop.caption());
    }
    return new Row(PathGenRecords.name(slide), records.path() + ": slide " + slide, content);
  }

  private static long bytes(Path file) {
    try {
      return Files.size(file);
    } catch (IOException gone) {
      return -1; // the slide is left out with its reason when it is opened
    }
  }

  /// The slide of a row.
  static String slide(Row row) {
    return row.content().path("slide").asText();
  }

  /// GDC's name of a row's file.
  static Optional<String> fileId(Row row) {
    return Optional.of(row.content().path("file_id").asText()).filter(id -> !id.isEmpty());
  }

  /// The file of a row's slide.
  static Optional<Path> file(Row row) {
    return row.content().has(FILE)
        ? Optional.of(Path.of(row.content().path(FILE).asText()))
        : Optional.empty();
  }

  /// Why a row has no file.
  static String missing(Row row) {
    return row.content().path(MISSING).asText();
  }

  static List<PathGenRecords.Crop> crops(Row row) {
    List<PathGenRecords.Crop> crops = new ArrayList<>();
    for (JsonNode crop : row.content().path("crops")) {
      crops.add(
          new PathGenRecords.Crop(
              crop.path(0).asLong(),
              crop.path(1).asInt(),
              crop.path(2).asInt(),
              crop.path(3).asText()));
    }
    return crops;
  }

  @Override
  public void close() {}
}
