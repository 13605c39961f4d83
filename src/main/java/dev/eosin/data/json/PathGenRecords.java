package dev.eosin.data.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.tables.TableRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.TreeMap;

/// PathGen-1.6M's records by slide: `{wsi_id, position: [x, y], caption, file_id}`, in one array or
/// one a line; some of its tools write `WSI_id`. Where each stands is kept in memory, not what it
/// says. Thread safe once opened.
public final class PathGenRecords {
  private static final int MOST_LISTED = 10;

  private final JsonRecords records;
  private final SequencedMap<String, Places> slides = new LinkedHashMap<>();
  private final List<String> flaws = new ArrayList<>();
  private long flawed;
  private long count;

  private PathGenRecords(JsonRecords records) {
    this.records = records;
  }

  /// What is to be cut of a slide.
  ///
  /// @param number of the record, from 1
  /// @param x of the left edge, in pixels of level 0
  /// @param y of the upper edge, in pixels of level 0
  public record Crop(long number, int x, int y, String caption) {}

  /// The records of a slide.
  ///
  /// @param files the names that GDC gives the slide's file; none where no record has one
  /// @param crops in the file's order
  public record OfSlide(List<String> files, List<Crop> crops) {
    public OfSlide {
      files = List.copyOf(files);
      crops = List.copyOf(crops);
    }
  }

  /// Where records of one slide stand in the file.
  private static final class Places {
    private long[] starts = new long[4];
    private int[] lengths = new int[4];
    private long[] numbers = new long[4];
    private int count;

    private void add(long number, long start, int length) {
      if (count == starts.length) {
        starts = Arrays.copyOf(starts, 2 * count);
        lengths = Arrays.copyOf(lengths, 2 * count);
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      starts[count] = start;
      lengths[count] = length;
      numbers[count] = number;
      count++;
    }
  }

  /// Reads a file to its end and checks every record.
  ///
  /// @throws DataException when it is no such file, naming the records without slide, position or
  ///   caption
  public static PathGenRecords open(Path path) throws DataException {
    JsonFile file = JsonFile.open(path);
    var opened = new PathGenRecords(new JsonRecords(file, JsonLayout.guess(file)));
    opened.records.scan(opened::add);
    opened.refuse();
    return opened;
  }

  private void add(JsonNode record, long number, long start, int length) {
    count++;
    List<String> problems = new ArrayList<>();
    TableRow row = new RecordMapping.PathGen().read(record, problems::add);
    int captions = JsonFields.captions(record.path("caption"), problem -> {}).size();
    if (captions != 1) {
      problems.add(captions == 0 ? "without caption" : "with more than one caption");
    }
    if (problems.isEmpty()) {
      slides
          .computeIfAbsent(row.group().orElseThrow(), slide -> new Places())
          .add(number, start, length);
    } else if (++flawed <= MOST_LISTED) {
      flaws.add("%s %d %s".formatted(records.unit(), number, String.join(", ", problems)));
    }
  }

  private void refuse() throws DataException {
    if (flawed > 0) {
      String more = flawed > MOST_LISTED ? " and %d more".formatted(flawed - MOST_LISTED) : "";
      throw new DataException(
          "%s: %d of %d records cannot be cut: %s%s; expected {\"wsi_id\": SLIDE, \"position\": [\"X\", \"Y\"], \"caption\": TEXT}"
              .formatted(records.path(), flawed, count, String.join("; ", flaws), more));
    }
    if (count == 0) {
      throw new DataException(records.path() + ": has no record");
    }
    TreeMap<String, String> names = new TreeMap<>();
    for (String slide : slides.keySet()) {
      String before = names.putIfAbsent(name(slide), slide);
      if (before != null) {
        throw new DataException(
            "%s: the slides %s and %s would both be called %s"
                .formatted(records.path(), before, slide, name(slide)));
      }
    }
  }

  /// A slide's name in a shard, where a dot would end it.
  public static String name(String slide) {
    return slide.replaceAll("[^A-Za-z0-9_-]", "_");
  }

  public Path path() {
    return records.path();
  }

  /// How many records there are.
  public long count() {
    return count;
  }

  /// All slides, in the order in which the file first names them.
  public SequencedSet<String> slides() {
    return slides.sequencedKeySet();
  }

  /// What the file says of one of its slides.
  ///
  /// @throws DataException when the file was changed since it was opened
  public OfSlide of(String slide) throws DataException {
    Places places = slides.get(slide);
    if (places == null) {
      throw new IllegalArgumentException("%s: has no slide %s".formatted(path(), slide));
    }
    List<String> files = new ArrayList<>();
    List<Crop> crops = new ArrayList<>();
    for (int i = 0; i < places.count; i++) {
      JsonNode record = records.read(places.starts[i], places.lengths[i]);
      Optional<String> file = JsonFields.text(record.path("file_id"));
      file.filter(id -> !files.contains(id)).ifPresent(files::add);
      JsonNode position = record.path("position");
      List<Caption> captions = JsonFields.captions(record.path("caption"), problem -> {});
      if (captions.isEmpty() || position.size() != 2) {
        throw new DataException(path() + ": changed since it was opened; begin again");
      }
      crops.add(
          new Crop(
              places.numbers[i],
              position.path(0).asInt(),
              position.path(1).asInt(),
              captions.getFirst().text()));
    }
    return new OfSlide(files, crops);
  }
}
