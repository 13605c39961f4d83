package dev.eosin.tiling;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.json.PathGenRecords;
import dev.eosin.data.slides.SlideTree;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.Rows;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TilePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Cuts what PathGen's records name out of slides: a row is a slide, a step of it a shard. Every
/// record ends in a shard, in `dropped.jsonl`, or in a slide that is left out.
///
/// Beside the run's own files: `shards/SLIDE-0000.tar`, `slides.jsonl`, `dropped.jsonl`,
/// `manifest.json`.
///
/// Source: Sun et al., PathGen-1.6M (2024): crops of 672 px at level 0.
public final class PathGenCrops implements RowPreparation {
  static final String SHARDS = "shards";
  static final String REPEATED = "repeated";

  private final CropsSettings settings;
  private final PathGenRecords records;
  private final SlideTree slides;
  private final SlideCodecs codecs;

  private PathGenCrops(
      CropsSettings settings, PathGenRecords records, SlideTree slides, SlideCodecs codecs) {
    this.settings = settings;
    this.records = records;
    this.slides = slides;
    this.codecs = codecs;
  }

  /// Reads the records, and lists the slides.
  ///
  /// @param codecs decode the slides
  /// @throws DataException when records are faulty, or the folder is none or holds no slide
  public static PathGenCrops open(CropsSettings settings, SlideCodecs codecs) throws DataException {
    SlideTree slides = SlideTree.of(settings.slides());
    if (slides.files() == 0) {
      throw new DataException(
          "%s: holds no slide; expected files ending in .svs, .tif or .tiff, as GDC's client fetches them"
              .formatted(settings.slides()));
    }
    return new PathGenCrops(settings, PathGenRecords.open(settings.records()), slides, codecs);
  }

  @Override
  public Rows rows() {
    return new CropRows(records, slides);
  }

  @Override
  public Map<String, String> pins() {
    return Map.of(
        "crops.cut",
        settings.cut().toString(),
        "crops.format",
        settings.format() + " " + settings.quality(),
        "crops.shard-crops",
        Integer.toString(settings.shardCrops()),
        // Their samples differ by 1.
        "crops.jpeg-2000",
        codecs.jpeg2000().isPresent() ? "libopenjp2" : "java");
  }

  @Override
  public List<String> reasons() {
    return CropReasons.SLIDES;
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    int count = row.content().path("crops").size();
    Optional<Path> file = CropRows.file(row);
    if (file.isEmpty()) {
      return rejected(CropReasons.MISSING_SLIDE, CropRows.missing(row), count);
    }
    Slide slide;
    try {
      slide = Slide.open(file.get(), codecs);
    } catch (DataException e) {
      return rejected(CropReasons.UNREADABLE_SLIDE, String.valueOf(e.getMessage()), count);
    }
    try (slide) {
      CropShard shard;
      try {
        shard = CropShard.of(settings, row, slide);
      } catch (DataException e) {
        // Its colour profile is broken.
        return rejected(CropReasons.UNREADABLE_SLIDE, String.valueOf(e.getMessage()), count);
      }
      return cut(shard, steps);
    }
  }

  private static Outcome rejected(String reason, String detail, int count) {
    return new Outcome.Rejected(reason, "%s; %d records".formatted(detail, count));
  }

  private Outcome cut(CropShard shard, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    Row row = shard.row();
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ArrayNode repeated = result.putArray(REPEATED);
    List<PathGenRecords.Crop> crops = withoutRepeated(CropRows.crops(row), repeated);
    ArrayNode shards = result.putArray(SHARDS);
    for (int from = 0; from < crops.size(); from += settings.shardCrops()) {
      List<PathGenRecords.Crop> some =
          crops.subList(from, Math.min(crops.size(), from + settings.shardCrops()));
      String name = "%s-%04d.tar".formatted(row.key(), shards.size());
      Path file = TileShard.file(steps.folder(), name);
      shards.add(steps.compute(name, () -> shard.write(some, file)));
    }
    result.put("width", shard.slide().width()).put("height", shard.slide().height());
    CropShard.pixel(shard.slide())
        .ifPresent(
            pixel ->
                result
                    .put("mpp", pixel.x())
                    .put("mpp_source", pixel.source().name().toLowerCase(Locale.ROOT)));
    CropCounts counts = CropCounts.of(result);
    return counts.kept() > 0
        ? new Outcome.Kept(result)
        : rejected(CropReasons.NO_CROP_KEPT, counts.toString(), CropRows.crops(row).size());
  }

  /// Two records of one place would be two samples of one name.
  private static List<PathGenRecords.Crop> withoutRepeated(
      List<PathGenRecords.Crop> crops, ArrayNode repeated) {
    List<PathGenRecords.Crop> first = new ArrayList<>();
    Map<TilePlan.Place, Long> seen = new HashMap<>();
    for (PathGenRecords.Crop crop : crops) {
      Long before = seen.putIfAbsent(new TilePlan.Place(crop.x(), crop.y()), crop.number());
      if (before == null) {
        first.add(crop);
      } else {
        repeated
            .addArray()
            .add(crop.number())
            .add(crop.x())
            .add(crop.y())
            .add(CropReasons.REPEATED)
            .add("record %d has the same place".formatted(before));
      }
    }
    return first;
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return new CropsAssembly(settings, records.count(), codecs, outputs);
  }
}
