package dev.eosin.tiling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.settings.SlideListSettings;
import dev.eosin.data.slides.ListedSlide;
import dev.eosin.data.slides.SlideList;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileDigest;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.Rows;
import dev.eosin.slide.PixelSize;
import dev.eosin.slide.TissueSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// A row for each slide of a list. A file's size is part of it, and the content of its contours and
/// coordinates, so that a preparation is not gone on with over other ones.
final class SlideRows implements Rows {
  private final Path list;
  private final TissueSettings tissue;
  private final Optional<String> openSlide;
  private final Iterator<ListedSlide> slides;

  private SlideRows(
      Path list, TissueSettings tissue, Optional<String> openSlide, Iterator<ListedSlide> slides) {
    this.list = list;
    this.tissue = tissue;
    this.openSlide = openSlide;
    this.slides = slides;
  }

  /// @param openSlide its version, where there is one: what it reads depends on it
  /// @throws DataException when the list is faulty, or folders of contours or coordinates serve
  ///   none of its slides
  static SlideRows open(
      SlideListSettings settings, TissueSettings tissue, Optional<String> openSlide)
      throws DataException {
    List<ListedSlide> slides = SlideList.of(settings);
    tissue.requireFilesFor(slides.stream().map(ListedSlide::name).toList());
    return new SlideRows(settings.path(), tissue, openSlide, slides.iterator());
  }

  @Override
  public Optional<Row> next() throws DataException {
    return slides.hasNext() ? Optional.of(row(slides.next())) : Optional.empty();
  }

  private Row row(ListedSlide slide) throws DataException {
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    content.put("file", slide.file().toString()).put("path", slide.path());
    content.put("bytes", bytes(slide.file())).put("group", slide.group());
    slide.label().ifPresent(label -> content.put("label", label));
    slide.caption().ifPresent(caption -> content.put("caption", caption));
    slide.pixel().ifPresent(pixel -> content.put("mpp", pixel.x()));
    if (SlideList.isForeign(slide.path())) {
      openSlide.ifPresent(version -> content.put("openslide", version));
    }
    pin(content, "contours", tissue.contoursOf(slide.name()));
    pin(content, "coordinates", tissue.coordinatesOf(slide.name()));
    return new Row(slide.name(), list + ": " + slide.path(), content);
  }

  private static void pin(ObjectNode content, String name, Optional<Path> file)
      throws DataException {
    if (file.isPresent()) {
      try {
        content.put(name, FileDigest.of(file.get()).sha256());
      } catch (IOException e) {
        throw new DataException(file.get() + ": cannot be read: " + AtomicFile.reason(e), e);
      }
    }
  }

  private static long bytes(Path file) {
    try {
      return Files.size(file);
    } catch (IOException missing) {
      return -1; // the slide is left out with its reason when it is opened
    }
  }

  /// The slide that a row is of.
  static ListedSlide slide(Row row) {
    JsonNode content = row.content();
    return new ListedSlide(
        row.key(),
        Path.of(content.path("file").asText()),
        content.path("path").asText(),
        content.path("group").asText(),
        text(content, "label"),
        text(content, "caption"),
        content.has("mpp")
            ? Optional.of(PixelSize.ofTable(content.path("mpp").asDouble()))
            : Optional.empty());
  }

  private static Optional<String> text(JsonNode content, String field) {
    return content.has(field) ? Optional.of(content.path(field).asText()) : Optional.empty();
  }

  @Override
  public void close() {}
}
