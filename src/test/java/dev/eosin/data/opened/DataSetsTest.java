package dev.eosin.data.opened;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.Source;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.EvaluationSet;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.random.RandomKey;
import dev.eosin.text.ClipTokenizer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSetsTest {
  private static final ClipTokenizer TOKENIZER = ClipTokenizer.load();
  private static final RandomKey KEY = new RandomKey(42);
  private static final String SYNTHETIC =
      """
      train: { type: synthetic, samples: 40, tile: 32 px }
      validation: { type: synthetic, samples: 18, split: validation, tile: 32 px }
      image: { size: 32 px }
      text: { length: 24 }
      workers: 2
      """;

  private static final String MIXTURE =
      """
      train:
        type: mixture
        parts:
          - { name: small, weight: 3, source: { type: synthetic, samples: 40, tile: 32 px } }
          - { name: large, weight: 1, source: { type: synthetic, split: validation, samples: 100, tile: 32 px } }
        epoch: 100 samples
      validation: { type: split, by: sample, share: 20 %, seed: 5 }
      image: { size: 32 px }
      text: { length: 24 }
      """;

  @TempDir Path folder;

  @Test
  void syntheticDataTrainsAndEvaluates() throws IOException {
    DataSets data = DataSets.open(bind(SYNTHETIC), TOKENIZER);
    assertThat(data.notes()).isEmpty();
    Path list = folder.resolve("bad-rows.jsonl");
    try (BatchLoader batches = data.trainingBatches(KEY, new BatchSettings(16), 0, list)) {
      batches.next();
      Batch batch = batches.next();
      assertThat(batch.firstPosition()).isEqualTo(16);
      assertThat(batch.size()).isEqualTo(16);
      assertThat(batch.caption().width()).isEqualTo(24);
      assertThat(batches.position()).isEqualTo(32);
    }
    Source validation = data.validation().orElseThrow();
    EvaluationSet set = EvaluationSet.of("data.validation", validation);
    int rows = 0;
    try (BatchLoader batches = data.evaluationBatches(DataSets.VALIDATION, validation, 8)) {
      while (batches.hasNext()) {
        rows += set.classes(batches.next()).length;
      }
    }
    assertThat(rows).isEqualTo(18);
  }

  @Test
  void aPreviewShowsTheFirstTiles() throws IOException {
    DataSets data = DataSets.open(bind(SYNTHETIC), TOKENIZER);
    Path sheet = folder.resolve("sheet.png");
    try (BatchLoader batches = data.previewBatches(KEY, new BatchSettings(12), 12)) {
      Batch batch = batches.next();
      BatchPreview.write(batch, 9, sheet);
      assertThat(BatchPreview.tile(batch, 3).pixels()[3 * 33 + 1])
          .isEqualTo(batch.images().pixels().get(3 * 3 * 1_024 + 1_024 + 33));
    }
    assertThat(new ImageDecoder().decode(sheet).width()).isGreaterThan(8 * 32);
  }

  @Test
  void aTableIsSplitByGroupWithoutALeak() throws IOException {
    writeTable("a,1,train b,2,train c,3,test d,3,test");
    DataSets data = DataSets.open(bind(table("10 %")), TOKENIZER);
    assertThat(data.train().size()).isEqualTo(2);
    assertThat(data.validation().orElseThrow().size()).isEqualTo(2);
    writeTable("a,1,train b,2,train c,3,test d,2,test");
    assertThatThrownBy(() -> DataSets.open(bind(table("10 %")), TOKENIZER))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("1 of its 2 groups are also in data.train, for example [2]");
  }

  @Test
  void missingImagesAreANoteUntilTheLimit() throws IOException {
    writeTable("a,1,train b,2,train missing,3,train d,4,test");
    DataSets data = DataSets.open(bind(table("40 %")), TOKENIZER);
    assertThat(data.notes())
        .containsExactly("data.train: 1 of 3 listed images are missing, for example missing.png");
    assertThatThrownBy(() -> DataSets.open(bind(table("30 %")), TOKENIZER))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("1 of 3 listed images are missing")
        .hasMessageContaining("bad-rows.limit is 30 %");
  }

  /// A training reads one side and its evaluations the other: what is rare in the table may be
  /// common there.
  @Test
  void eachSideOfASplitIsJudgedByItself() throws IOException {
    writeTable("a,1,train missing,2,train c,3,train d,4,train e,5,train f,6,train");
    assertThat(DataSets.open(bind(split("20 %")), TOKENIZER).notes())
        .containsExactly(
            "data.validation: 5 of 6 groups, 5 of 6 samples (83.3 %) are held out of data.train",
            "data.validation: 1 of 5 listed images are missing (1 of 6 before the split), for example missing.png");
    assertThatThrownBy(() -> DataSets.open(bind(split("17 %")), TOKENIZER))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "data.validation: 1 of 5 listed images are missing (1 of 6 before the split), for example missing.png; data.bad-rows.limit is 17 % of each side, up to which they are left out and listed");
  }

  @Test
  void whatIsRareInATableMayBeTooMuchForASide() throws IOException {
    String rows =
        IntStream.rangeClosed(1, 20)
            .mapToObj("%1$d,%1$d,train"::formatted)
            .collect(Collectors.joining(" "));
    writeTable(rows);
    DataSets whole = DataSets.open(bind(split("0 %")), TOKENIZER);
    String first = whole.train().get(0).key();
    String second = whole.train().get(2).key();
    Files.delete(folder.resolve(first));
    Files.delete(folder.resolve(second));
    long learned = whole.train().size();
    assertThatThrownBy(() -> DataSets.open(bind(split("11 %")), TOKENIZER))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(
            "data.train: 2 of %d listed images are missing (2 of 20 before the split), for example %s, %s;"
                .formatted(learned, first, second));
  }

  private String split(String limit) {
    return table(limit).replaceFirst("validation: .*", "validation: { type: split, share: 50 % }");
  }

  @Test
  void aMixtureHasItsSharesAndLosesWhatIsHeldOut() throws IOException {
    DataSets data = DataSets.open(bind(MIXTURE), TOKENIZER);
    long validation = data.validation().orElseThrow().size();
    assertThat(data.train().size() + validation).isEqualTo(140);
    assertThat(data.train().classTexts()).hasSize(9);
    assertThat(data.notes().get(0))
        .startsWith("data.train: small: 75 of the 100 samples of an epoch, ");
    assertThat(data.notes().get(1))
        .startsWith("data.train: large: 25 of the 100 samples of an epoch, 0.");
    assertThat(data.notes().get(2))
        .isEqualTo(
            "data.validation: %d of 140 samples (%.1f %%) are held out of data.train"
                .formatted(validation, validation / 1.4));
    SampleOrder order = data.order(KEY, new BatchSettings(16));
    long fromSmall =
        LongStream.range(0, 100)
            .filter(p -> data.train().get(order.index(p)).key().startsWith("synthetic/train"))
            .count();
    assertThat(fromSmall).isEqualTo(75);
  }

  @Test
  void theFingerprintOfAMixtureChangesWithItsSharesItsPartsAndTheSplit() throws IOException {
    Set<String> fingerprints = new HashSet<>();
    for (String recipe :
        List.of(
            MIXTURE,
            MIXTURE.replace("weight: 3", "weight: 4"),
            MIXTURE.replace("100 samples", "200 samples"),
            MIXTURE.replace("name: small", "name: other"),
            MIXTURE.replace("samples: 40", "samples: 41"),
            MIXTURE.replace("seed: 5", "seed: 6"))) {
      fingerprints.add(DataSets.open(bind(recipe), TOKENIZER).train().fingerprint());
    }
    assertThat(fingerprints).hasSize(6);
  }

  @Test
  void partsThatDisagreeOrHaveNoPlaceAreRefused() throws IOException {
    writeTable("a,1,train b,2,train");
    String part =
        "{ name: %s, weight: 1, source: { type: csv, path: \"%s\", templates: [\"{}\"],"
            + " columns: { image: file, label: label }, class-names: { tumour: %s } } }";
    Path csv = folder.resolve("labels.csv");
    String parts =
        part.formatted("one", csv, "cancer") + ", " + part.formatted("two", csv, "carcinoma");
    String recipe =
        "train: { type: mixture, parts: [%s] }\nimage: { size: 32 px }\n".formatted(parts);
    assertThatThrownBy(() -> DataSets.open(bind(recipe), TOKENIZER))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("'tumour' is 'cancer' in the part 'one' and 'carcinoma' in 'two'");
    assertThatThrownBy(
            () -> DataSets.open(bind(MIXTURE.replace("weight: 3", "weight: 0.001")), TOKENIZER))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("an epoch of 100 samples has none of the part 'small'");
  }

  @Test
  void mixturesAndSplitsHaveTheirPlaces() {
    String recipe =
        """
        train: { type: split, share: 10 % }
        validation: { type: mixture, parts: [{ name: a, weight: 1, source: { type: synthetic, samples: 4 } }] }
        image: { size: 32 px }
        """;
    assertThatThrownBy(() -> bind(recipe))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("a split is taken out of data.train")
        .hasMessageContaining("a mixture is for data.train");
    assertThatThrownBy(() -> bind(MIXTURE.replace("name: small", "name: large")))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("two are named 'large'");
  }

  @Test
  void mistakesInARecipeAreReportedTogether() {
    String recipe =
        """
        train: { type: csv, path: x.csv, separator: "::", columns: { image: f } }
        validation: { type: folder, path: tiles, templates: [no hole] }
        image: { size: 32 px }
        """;
    assertThatThrownBy(() -> bind(recipe))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("'::' is not one ASCII character")
        .hasMessageContaining("'no hole' has no {} where the class text belongs");
  }

  private static DataSettings bind(String yaml) {
    return Binder.bind(
        RecipeFile.parse(Path.of("data.yaml"), yaml, List.of(), Map.of()), DataSettings.class);
  }

  private String table(String limit) {
    String source =
        "{ type: csv, path: %s, columns: { image: file, label: label, group: slide },"
                .formatted(folder.resolve("labels.csv"))
            + " where: { split: SPLIT }, templates: [\"An H&E image of {}.\"] }";
    return "train: %s\nvalidation: %s\nimage: { size: 32 px }\nbad-rows: { limit: %s }\n"
        .formatted(source.replace("SPLIT", "train"), source.replace("SPLIT", "test"), limit);
  }

  private void writeTable(String rows) throws IOException {
    StringBuilder table = new StringBuilder("file,label,slide,split\n");
    for (String row : rows.split(" ", -1)) {
      List<String> fields = List.of(row.split(",", -1));
      table.append("%s.png,tumour,%s,%s\n".formatted(fields.toArray()));
      Path file = folder.resolve(fields.getFirst() + ".png");
      if (!fields.getFirst().equals("missing")) {
        ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
      }
    }
    Files.writeString(folder.resolve("labels.csv"), table);
  }

  @Test
  void aSmallPartThatFillsBatchesIsSaid() throws IOException {
    DataSets data = DataSets.open(bind(MIXTURE), TOKENIZER);
    long small =
        LongStream.range(0, data.train().size())
            .filter(i -> data.train().get(i).key().startsWith("synthetic/train"))
            .count();
    // Three quarters of a batch of 64 are 48 pairs of about 32 samples.
    assertThat(data.orderNotes(KEY, new BatchSettings(64)))
        .singleElement()
        .asString()
        .contains(
            "data.train: small: 48 of the 64 pairs of a batch come from its %d samples"
                .formatted(small))
        .contains("loss.positives: same-image");
    assertThat(data.orderNotes(KEY, new BatchSettings(2))).isEmpty();
  }
}
