package dev.eosin.data.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.config.Share;
import dev.eosin.data.MissingFiles;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.batches.BadRowLog;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.PairPreparation;
import dev.eosin.data.folders.FolderSource;
import dev.eosin.data.opened.GroupLeaks;
import dev.eosin.data.order.Preparation;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.settings.BadRowSettings;
import dev.eosin.data.settings.CsvColumns;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.FolderSettings;
import dev.eosin.image.Raster;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.random.RandomKey;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The public tile sets that a folder named by `EOSIN_SHARED` (or `../shared`) may hold in `data`.
class RealTilesTest {
  private static final ImageDecoder DECODER = new ImageDecoder();
  private static final BadRowSettings NONE_BAD = new BadRowSettings(new Share(0));
  private static final Preparation PREPARATION =
      new PairPreparation(
          ImageSettings.openClip(new InputSize(new Pixels(64))).training(),
          CaptionEncoder.truncating(ClipTokenizer.load(), 77));

  @ParameterizedTest
  @CsvSource({
    "kather-texture-2016, 24, 8, label, slide",
    "lc25000-5class, 292, 5, label, group_id",
    "nct-crc-he-9class, 10, 9, label,",
    "non-pathology, 12, 1, label,",
    "tile-quality, 21, 6, quality,",
  })
  void everyTileOfATableDecodesToItsSize(
      String name, int tiles, int classes, String label, String group) throws IOException {
    Path table = folder(name).resolve("labels.csv");
    Source source = open(table, label, Optional.ofNullable(group), Map.of());
    assertThat(source.size()).isEqualTo(tiles);
    assertThat(source.classTexts()).hasSize(classes);
    assertThat(source.badSamples().missing()).isEqualTo(MissingFiles.NONE);
    CsvTable rows = CsvTable.open(table, ',', CsvSettings.Quotes.DOUBLE);
    int width = rows.columns().indexOf("width");
    for (int index = 0; index < tiles; index++) {
      Raster tile = source.get(index).image().read();
      assertThat(List.of("" + tile.width(), "" + tile.height()))
          .as(source.get(index).key())
          .isEqualTo(rows.row(index).getFields().subList(width, width + 2));
    }
  }

  /// The sums of all levels are Pillow's: its pixels are equal.
  @ParameterizedTest
  @CsvSource({
    "stain-references, ihc.png, 512, 512, 126084883",
    "stain-references, torchstain-source.png, 584, 438, 152653297",
    "stain-references, torchstain-target.png, 587, 441, 142781352",
    "wsi, CMU-1-Small-Region.svs, 2220, 2967, 4062211366",
    "wsi, CMU-1-Small-Region.derived-pyramid.tiff, 2220, 2967, 4058875580",
  })
  void otherImagesAreReadAsWhatTheyAre(String folder, String file, int width, int height, long sum)
      throws IOException {
    Raster image = DECODER.decode(folder(folder).resolve(file));

    assertThat(image.width()).isEqualTo(width);
    assertThat(image.height()).isEqualTo(height);
    long found = 0;
    for (byte level : image.toRgb().pixels()) {
      found += level & 0xFF;
    }
    assertThat(found).isEqualTo(sum);
  }

  @Test
  void aSlideInJpeg2000IsRefusedAsWhatItIs() {
    Path slide = folder("wsi").resolve("TCGA-CR-7395-01A-01-TS1.svs");

    assertThatThrownBy(() -> DECODER.decode(slide))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a TIFF compressed with JPEG 2000, as whole slides are");
  }

  @ParameterizedTest
  @CsvSource({"kather-texture-2016, 24, 8", "lc25000-5class, 292, 5", "nct-crc-he-9class, 10, 9"})
  void aFolderForEachClassHoldsTheSameTiles(String name, int tiles, int classes)
      throws IOException {
    Path folder = folder(name);
    FolderSettings settings =
        new FolderSettings(
            folder, Map.of(), List.of("An H&E image patch of {}."), List.of("tif", "jpeg", "png"));
    Source source = FolderSource.open(settings, DECODER);
    assertThat(source.size()).isEqualTo(tiles);
    assertThat(source.classTexts()).hasSize(classes);
    Source table = open(folder.resolve("labels.csv"), "label", Optional.empty(), Map.of());
    assertThat(labelsByKey(source)).isEqualTo(labelsByKey(table));
  }

  @Test
  void lc25000IsSplitByGroup() throws IOException {
    Path table = folder("lc25000-5class").resolve("labels.csv");
    Source train = open(table, "label", Optional.of("group_id"), Map.of("split", "train"));
    Source test = open(table, "label", Optional.of("group_id"), Map.of("split", "test"));
    assertThat(train.size() + test.size()).isEqualTo(292);
    assertThat(groups(train)).hasSize(5 * 28);
    assertThat(groups(test)).hasSize(5 * 12);
    assertThat(GroupLeaks.of(train, test).verdict()).isEmpty();
  }

  @Test
  void realTilesTrainInBatches() throws IOException {
    Path table = folder("lc25000-5class").resolve("labels.csv");
    Source source = open(table, "label", Optional.of("group_id"), Map.of("split", "train"));
    SampleOrder order = new SampleOrder(new RandomKey(1), source.size());
    BadRowLog log = BadRowLog.unlisted("data.validation", NONE_BAD, source.size());
    try (BatchLoader batches = BatchLoader.training(source, order, PREPARATION, 32, 2, 0, log)) {
      Map<String, Integer> labels = new LinkedHashMap<>();
      for (int k = 0; k < 4; k++) {
        Batch batch = batches.next();
        assertThat(batch.caption().longest(0, batch.size())).isBetween(8, 20);
        batch.rows().forEach(row -> labels.merge(row.label().orElseThrow(), 1, Integer::sum));
      }
      assertThat(labels).hasSize(5);
    }
  }

  private static Map<String, String> labelsByKey(Source source) {
    Map<String, String> labels = new HashMap<>();
    for (long index = 0; index < source.size(); index++) {
      Sample sample = source.get(index);
      labels.put(sample.key(), sample.label().orElseThrow());
    }
    return labels;
  }

  private static Set<String> groups(Source source) {
    Set<String> groups = new HashSet<>();
    for (long index = 0; index < source.size(); index++) {
      groups.add(source.get(index).group().orElseThrow());
    }
    return groups;
  }

  private static Source open(
      Path table, String label, Optional<String> group, Map<String, String> where)
      throws IOException {
    CsvColumns columns =
        new CsvColumns("filepath", Optional.empty(), List.of(), Optional.of(label), group);
    CsvSettings settings =
        new CsvSettings(
            table,
            ",",
            Optional.empty(),
            columns,
            where,
            Map.of(),
            List.of("An H&E image patch of {}."));
    return dev.eosin.data.tables.CsvSource.open(settings, DECODER);
  }

  private static Path folder(String name) {
    String shared = System.getenv().getOrDefault("EOSIN_SHARED", "../shared");
    Path folder = Path.of(shared, "data", name);
    assumeTrue(
        Files.isDirectory(folder),
        () ->
            "no folder %s: name a folder that holds data/%s by the environment variable"
                    .formatted(folder, name)
                + " EOSIN_SHARED");
    return folder;
  }
}
