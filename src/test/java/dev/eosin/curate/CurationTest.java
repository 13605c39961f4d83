package dev.eosin.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.config.Share;
import dev.eosin.curate.steps.CurationColumns;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.curate.steps.CurationSettings.Format;
import dev.eosin.curate.steps.CurationStep;
import dev.eosin.curate.steps.CurationStep.Clean;
import dev.eosin.curate.steps.CurationStep.Duplicates;
import dev.eosin.curate.steps.CurationStep.FieldValue;
import dev.eosin.curate.steps.CurationStep.Groups;
import dev.eosin.curate.steps.CurationStep.Hashtags;
import dev.eosin.curate.steps.CurationStep.Images;
import dev.eosin.curate.steps.CurationStep.Language;
import dev.eosin.curate.steps.CurationStep.Leak;
import dev.eosin.curate.steps.CurationStep.Leaks;
import dev.eosin.curate.steps.CurationStep.MostLiked;
import dev.eosin.curate.steps.CurationStep.Questions;
import dev.eosin.curate.steps.CurationStep.Sameness;
import dev.eosin.curate.steps.CurationStep.Shared;
import dev.eosin.curate.steps.CurationStep.SimilarCaptions;
import dev.eosin.curate.steps.CurationStep.Words;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.parquet.ParquetTexts;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.data.settings.WebDatasetFields;
import dev.eosin.data.settings.WebDatasetSettings;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.PreparationContract;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps.Answer;
import dev.eosin.prepare.RowSteps.Service;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurationTest extends PreparationContract {
  private static final Path ROWS = Path.of("src/test/resources/curate/rows.jsonl");
  private static final Path IMAGES = ROWS.resolveSibling("images");
  private static final Clean CLEAN = new Clean(true, true, Hashtags.WORD, true, true);
  private static final List<CurationStep> STEPS =
      List.of(
          CLEAN,
          new Questions(Optional.of("source"), List.of("laion")),
          new FieldValue("sensitive", List.of("true"), List.of()),
          new MostLiked("parent", "likes", List.of("carcinoma*", "melanoma")),
          new Language(List.of("eng"), 1.4, 4),
          new Words(3, 200, 1, 2_000),
          new SimilarCaptions(new Share(0.6), 3),
          new Images(new Pixels(32), 1_000_000),
          new Duplicates(Sameness.PICTURE, 4),
          new Groups(List.of("patient"), false, Optional.empty(), List.of("", "unknown")),
          new Leaks(List.of("test", "train"), List.of(Shared.GROUP, Shared.CAPTION), Leak.DROP));

  /// Its model of languages takes a while to load.
  private final Curation curation = open(ROWS, STEPS, Format.WEBDATASET);

  @TempDir private Path folder;

  private static CurationSettings settings(Path table, List<CurationStep> steps, Format format) {
    return new CurationSettings(
        Optional.of(table),
        Optional.empty(),
        Optional.of(IMAGES),
        new CurationColumns(Optional.of("id"), "image", "caption", "group", Optional.of("split")),
        steps,
        format,
        Optional.empty(),
        2,
        4);
  }

  private static Curation open(Path table, List<CurationStep> steps, Format format) {
    try {
      return Curation.open(settings(table, steps, format));
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Curation asks nobody, and would be over before anything can befall it.
  @Override
  protected RowPreparation preparation(UnaryOperator<Service> outside) {
    return new PairCurationTest.Asking(
        curation, outside.apply(request -> new Answer(request, Cost.ofCall(0, 0))));
  }

  private PreparationReport curate(Path out, Path table, List<CurationStep> steps, Format format)
      throws DataException {
    var work = new PreparationSettings(4, Failed.OPEN, 50, Limits.NONE);
    return new PreparationRun(out, open(table, steps, format), work, 7)
        .run(progress -> {}, () -> false);
  }

  private static List<String> kept(Path out) throws IOException {
    List<String> kept = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("pairs.jsonl"))) {
      kept.add(new ObjectMapper().readTree(line).path("id").asText());
    }
    return kept;
  }

  @Test
  void everyStepLeavesOutWhatItShould() throws IOException {
    Path out = folder.resolve("out");
    PreparationReport report = curate(out, ROWS, STEPS, Format.JSONL);
    assertThat(Files.readAllLines(out.resolve("rejects.jsonl")))
        .extracting(
            line -> {
              JsonNode reject = new ObjectMapper().readTree(line);
              return reject.path("key").asText() + " " + reject.path("reason").asText();
            })
        .containsExactly(
            "t2 questions",
            "r1 most-liked",
            "r2 most-liked",
            "s1 field-sensitive",
            "d1 language",
            "n1 similar-captions",
            "m1 duplicate-picture",
            "w1 images",
            "b1 images",
            "g1 duplicate-picture",
            "e1 clean");
    assertThat(kept(out)).containsExactly("t1", "l1", "r3");
    assertThat(report.funnel().rejected())
        .containsEntry("most-liked", 2L)
        .containsEntry("leaks", 0L);
    assertThat(out.resolve("pairs.jsonl"))
        .content()
        .contains(
            "\"caption\":\"Nests of atypical squamous cells in a fibrous stroma with lymphocytes. dermpath\"",
            "\"group\":\"P1\"",
            "\"group\":\"r3\"");
    assertThat(Files.readString(out.resolve("rejects.jsonl")))
        .contains(
            "5 likes; row 5 answers 't2', too, with 7",
            "alike with row 0",
            "shows the same as row 0",
            "deu is ");
  }

  @Test
  void anEarlierStepDecidesAlsoWhereALaterOneWouldHaveLeftTheRowOut() throws IOException {
    // g1 has the group of l1, which is a test row: without the pictures it is a leak.
    List<CurationStep> steps = new ArrayList<>(STEPS);
    steps.removeIf(step -> step instanceof Duplicates);
    Path out = folder.resolve("out");
    curate(out, ROWS, steps, Format.JSONL);
    assertThat(Files.readString(out.resolve("rejects.jsonl")))
        .contains(
            "\"key\":\"g1\",\"reason\":\"leaks\",\"detail\":\"test has its group 'P2', too, in row 2\"");
    assertThat(kept(out)).containsExactly("t1", "l1", "r3", "m1");
  }

  @Test
  void aLeakMayBeCountedOrRefused() throws IOException {
    List<CurationStep> counted =
        List.of(
            new Groups(List.of("patient"), false, Optional.empty(), List.of("unknown")),
            new Leaks(List.of("test", "train"), List.of(Shared.GROUP), Leak.KEEP));
    Path out = folder.resolve("counted");
    assertThat(curate(out, ROWS, counted, Format.JSONL).funnel().kept()).isEqualTo(14);
    assertThat(Files.readString(out.resolve("manifest.json")))
        .contains("\"leaks: leaks\" : \"2\"", "\"groups: groups\" : \"11\"");
    List<CurationStep> refused =
        List.of(
            counted.getFirst(),
            new Leaks(List.of("test", "train"), List.of(Shared.GROUP), Leak.REFUSE));
    Path other = folder.resolve("refused");
    assertThatThrownBy(() -> curate(other, ROWS, refused, Format.JSONL))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2 rows leak between splits")
        .hasMessageContaining("row 1 (t2): test has its group 'P2', too, in row 2");
    assertThat(other.resolve("pairs.jsonl")).doesNotExist();
  }

  @Test
  void shardsAreReadByATrainingAndCheckedAgainstTheManifest() throws IOException {
    Path out = folder.resolve("shards");
    curate(out, ROWS, STEPS, Format.WEBDATASET);
    assertThat(out.resolve("pairs-00001.tar")).exists();
    var settings =
        new WebDatasetSettings(
            out + "/pairs-*.tar",
            new WebDatasetFields(
                List.of(), Optional.empty(), Optional.empty(), Optional.of("group")),
            false,
            Map.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            false);
    Source source = Sources.open(settings, new ImageDecoder());
    assertThat(source.size()).isEqualTo(3);
    Sample first = source.get(0);
    assertThat(first.texts().getFirst()).endsWith("with lymphocytes. dermpath");
    assertThat(first.group()).contains("P1");
    assertThat(first.image().encoded()).contains(Files.readAllBytes(IMAGES.resolve("a.png")));
    byte[] shard = Files.readAllBytes(out.resolve("pairs-00000.tar"));
    Files.write(out.resolve("pairs-00000.tar"), Arrays.copyOf(shard, shard.length - 512));
    assertThatThrownBy(() -> Sources.open(settings, new ImageDecoder()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("pairs-00000.tar: has")
        .hasMessageContaining("manifest.json says " + shard.length);
    Files.delete(out.resolve("pairs-00000.tar"));
    assertThatThrownBy(() -> Sources.open(settings, new ImageDecoder()))
        .hasMessageContaining("pairs-00000.tar: is missing");
  }

  @Test
  void aParquetTableIsCuratedAgainToTheSameRows() throws IOException {
    Path out = folder.resolve("first");
    curate(out, ROWS, STEPS, Format.PARQUET);
    List<Map<String, String>> rows = new ArrayList<>();
    try (ParquetTexts table = ParquetTexts.open(out.resolve("pairs.parquet"))) {
      for (var row = table.next(); row.isPresent(); row = table.next()) {
        rows.add(row.get());
      }
    }
    assertThat(rows).extracting(row -> row.get("id")).containsExactly("t1", "l1", "r3");
    assertThat(rows).extracting(row -> row.get("row")).containsExactly("0", "2", "5");
    assertThat(rows.getLast()).containsEntry("likes", "7").containsEntry("sensitive", "false");
    Path again = folder.resolve("second");
    curate(again, out.resolve("pairs.parquet"), List.of(CLEAN), Format.JSONL);
    assertThat(kept(again)).containsExactly("t1", "l1", "r3");
  }

  @Test
  void aSourceOfSamplesIsATableToo() throws IOException {
    Path shards = folder.resolve("shards");
    curate(shards, ROWS, STEPS, Format.WEBDATASET);
    var source =
        new WebDatasetSettings(
            shards + "/pairs-*.tar",
            new WebDatasetFields(
                List.of(), Optional.empty(), Optional.empty(), Optional.of("group")),
            false,
            Map.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            false);
    var settings =
        new CurationSettings(
            Optional.empty(),
            Optional.of(source),
            Optional.empty(),
            new CurationColumns(Optional.of("id"), "image", "caption", "group", Optional.empty()),
            List.of(new Images(new Pixels(32), 1_000_000), new Duplicates(Sameness.FILE, 4)),
            Format.JSONL,
            Optional.empty(),
            2,
            4);
    Path out = folder.resolve("again");
    var work = new PreparationSettings(4, Failed.OPEN, 50, Limits.NONE);
    new PreparationRun(out, Curation.open(settings), work, 7).run(progress -> {}, () -> false);
    assertThat(out.resolve("pairs.jsonl"))
        .content()
        .hasLineCount(3)
        .contains("\"group\":\"P1\"")
        .doesNotContain("\"sample\"");
  }

  @Test
  void anEmptyResultSaysWhyAndNoTrainingTakesIt() throws IOException {
    Path out = folder.resolve("out");
    PreparationReport report =
        curate(out, ROWS, List.of(CLEAN, new Words(100, 200, 1, 9_000)), Format.JSONL);
    assertThat(report.notes())
        .containsExactly(
            "no row is left: 13 of 14 were left out for the reason words; rejects.jsonl says why for each row");
    assertThat(out.resolve("page.html")).content().contains("0 of 14 rows are kept");
    var settings =
        new JsonLinesSettings(
            out.resolve("pairs.jsonl"),
            Optional.empty(),
            new RowFields("image", Optional.of("caption"), Optional.empty(), Optional.empty()),
            Map.of(),
            Map.of(),
            List.of());
    assertThatThrownBy(() -> Sources.open(settings, new ImageDecoder()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("manifest.json: no row is left of the curation")
        .hasMessageContaining("13 of 14 rows were left out by the step words");
  }

  @Test
  void thePageShowsWhatWasKeptAndWhatWasNot() throws IOException {
    Path out = folder.resolve("out");
    curate(out, ROWS, STEPS, Format.JSONL);
    assertThat(Files.readString(out.resolve("page.html")))
        .contains(
            "3 of 14 rows are kept (21.4 %)",
            "Left out by most-liked: 2",
            "What is your diagnosis",
            "data:image/png;base64,",
            "no picture: image of b1",
            "<table class=\"steps\">")
        .doesNotContain("Left out by leaks");
  }

  @Test
  void stepsThatCannotWorkAreRefused() {
    assertThatThrownBy(
            () -> settings(ROWS, List.of(new Duplicates(Sameness.FILE, 4)), Format.JSONL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("put { type: images } before it");
    assertThatThrownBy(() -> settings(ROWS, List.of(CLEAN), Format.WEBDATASET))
        .hasMessageContaining("shards hold the images");
    assertThatThrownBy(() -> settings(ROWS, List.of(), Format.JSONL))
        .hasMessageContaining("steps: give at least one");
    assertThatThrownBy(() -> new Questions(Optional.empty(), List.of("LAION")))
        .hasMessageContaining("belong together");
    var english = new Language(List.of("en"), 1.4, 4);
    assertThatThrownBy(() -> Curation.open(settings(ROWS, List.of(english), Format.JSONL)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("language 'en' is not known; write it as ISO 639-3 has it");
  }
}
