package dev.eosin.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.config.Share;
import dev.eosin.curate.steps.CurationColumns;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.curate.steps.CurationSettings.Format;
import dev.eosin.curate.steps.CurationStep;
import dev.eosin.curate.steps.CurationStep.Clean;
import dev.eosin.curate.steps.CurationStep.Duplicates;
import dev.eosin.curate.steps.CurationStep.Hashtags;
import dev.eosin.curate.steps.CurationStep.Images;
import dev.eosin.curate.steps.CurationStep.Language;
import dev.eosin.curate.steps.CurationStep.MostLiked;
import dev.eosin.curate.steps.CurationStep.Sameness;
import dev.eosin.curate.steps.CurationStep.SimilarCaptions;
import dev.eosin.curate.steps.CurationStep.Words;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows that nobody meant.
class HostileRowsTest {
  private static final List<CurationStep> STEPS =
      List.of(
          new Clean(true, true, Hashtags.WORD, true, true),
          new Words(2, 300, 1, 5_000),
          new Language(List.of("eng"), 1.4, 4),
          new Duplicates(Sameness.CAPTION, 4),
          new SimilarCaptions(new Share(0.8), 3));

  @TempDir private Path folder;

  private PreparationReport curate(Path table, List<CurationStep> steps) throws DataException {
    return curate(table, steps, Optional.of("id"), folder.resolve("out"));
  }

  private static PreparationReport curate(
      Path table, List<CurationStep> steps, Optional<String> key, Path out) throws DataException {
    var settings =
        new CurationSettings(
            Optional.of(table),
            Optional.empty(),
            Optional.empty(),
            new CurationColumns(key, "image", "caption", "group", Optional.empty()),
            steps,
            Format.PARQUET,
            Optional.empty(),
            5_000,
            8);
    var work = new PreparationSettings(2, Failed.OPEN, 50, Limits.NONE);
    return new PreparationRun(out, Curation.open(settings), work, 7)
        .run(progress -> {}, () -> false);
  }

  private Path table(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void imagesThatAreElsewhereSayWhatMendsThem() throws IOException {
    Path table =
        table(
            "elsewhere.jsonl",
            """
            {"id":"far","image":"https://hospital.example/tiles/a.png","caption":"Nests of tumour cells."}
            {"id":"drive","image":"C:\\\\Tiles\\\\a.png","caption":"Glands without any dysplasia."}
            """);
    curate(table, List.of(new Images(new Pixels(1), 1_000_000)));
    assertThat(Files.readString(folder.resolve("out/rejects.jsonl")))
        .contains(
            "https://hospital.example/tiles/a.png: is an address",
            "copy the files to this machine and name them\"",
            "is a path of Windows",
            "from the folder that the table's names start from\"");
  }

  @Test
  void nullsHalfCharactersAndMegabytesAreRowsAsOthers() throws IOException {
    String page = "nests of tumour cells ".repeat(50_000);
    Path table =
        table(
            "rows.jsonl",
            """
            {"id":"nul","image":"a.png","caption":"Nests\\u0000 of tumour\\u0007 cells in the stroma."}
            {"id":"half","image":"a.png","caption":"Glands \\ud83d of the stomach with metaplasia."}
            {"id":"markup","image":"<b>.png","caption":"</pre><script>alert(1)</script> shown in a caption of tissue."}
            {"id":"page","image":"a.png","caption":"%s"}
            {"id":"null","image":null,"caption":null}
            {"id":"empty","image":"a.png","caption":"\\u200b \\ufeff"}
            {"id":5,"image":"a.png","caption":"Nests of tumour cells in the stroma."}
            """
                .formatted(page));
    PreparationReport report = curate(table, STEPS);
    assertThat(report.funnel().rows()).isEqualTo(7);
    assertThat(Files.readString(folder.resolve("out/rejects.jsonl")))
        .contains(
            "\"key\":\"page\",\"reason\":\"words\",\"detail\":\"200000 words",
            "\"key\":\"null\",\"reason\":\"clean\"",
            "\"key\":\"5\",\"reason\":\"duplicate-caption\",\"detail\":\"the same caption as row 0\"")
        .hasSizeLessThan(3_000);
    assertThat(Files.readString(folder.resolve("out/page.html")))
        .doesNotContain("<script>alert", "\0")
        .hasSizeLessThan(30_000);
  }

  @Test
  void halfACharacterIsMarkedOrRefused() throws IOException {
    assertThat(CaptionMarks.whole("a \ud83d b \ud83d\ude00 \ude00"))
        .isEqualTo("a \ufffd b \ud83d\ude00 \ufffd");
    Path table =
        table(
            "rows.jsonl",
            "{\"id\":1,\"image\":\"a.png\",\"caption\":\"Glands \\ud83d of skin.\"}\n");
    assertThatThrownBy(() -> curate(table, List.of(STEPS.get(1))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("rows.jsonl: line 1: the caption holds half a character")
        .hasMessageContaining("{ type: clean }");
    assertThat(curate(table, STEPS, Optional.of("id"), folder.resolve("marked")).funnel().kept())
        .isEqualTo(1);
  }

  @Test
  void aMegabyteIsComparedWhereNoStepLeavesItOut() throws IOException {
    String page = "nests of tumour cells ".repeat(50_000);
    Path table =
        table(
            "rows.jsonl",
            """
            {"id":1,"image":"a.png","caption":"%s"}
            {"id":2,"image":"a.png","caption":"%s!"}
            """
                .formatted(page, page));
    assertThat(curate(table, List.of(STEPS.getLast())).funnel().kept()).isEqualTo(1);
  }

  @Test
  void aTableThatIsNoUtf8SaysHowToConvertIt() throws IOException {
    for (String name : List.of("rows.csv", "rows.jsonl")) {
      Path table = folder.resolve(name);
      String text =
          name.endsWith("csv")
              ? "id,image,caption\n1,a.png,Löffler\n"
              : "{\"id\":1,\"image\":\"a.png\",\"caption\":\"Löffler\"}\n";
      Files.write(table, text.getBytes(StandardCharsets.ISO_8859_1));
      assertThatThrownBy(() -> curate(table, STEPS))
          .as(name)
          .isInstanceOf(DataException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("UTF-8");
    }
  }

  @Test
  void keysThatStandTwiceAreNamedBeforeAnythingIsDone() throws IOException {
    Path table =
        table("rows.csv", "id,image,caption\n1,a.png,Nests.\n2,b.png,Glands.\n1,c.png,Stroma.\n");
    assertThatThrownBy(() -> curate(table, STEPS))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 4: the key '1' stands at")
        .hasMessageContaining("line 2");
    assertThat(folder.resolve("out/ledger.jsonl")).doesNotExist();
  }

  @Test
  void rowsWithoutNamesAreNumbered() throws IOException {
    Path table =
        table("rows.csv", ",image,caption\n0,a.png,Nests of cells.\n1,a.png,Glands of skin.\n");
    Path out = folder.resolve("numbered");
    assertThat(curate(table, STEPS, Optional.empty(), out).funnel().kept()).isEqualTo(2);
    Path own = table("own.csv", "id,image,caption\n0,a.png,Nests of cells.\n");
    assertThatThrownBy(() -> curate(own, STEPS, Optional.empty(), folder.resolve("own")))
        .hasMessageContaining("has a field 'id'; name it as curate.columns.key");
  }

  @Test
  void aColumnOfAnotherNameEndsTheRunAtItsRow() throws IOException {
    Path table = table("rows.csv", "id,image,text\n1,a.png,Nests of tumour cells.\n");
    assertThatThrownBy(() -> curate(table, STEPS))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("rows.csv: line 2, key '1'")
        .hasMessageContaining("field 'caption' is missing")
        .hasMessageContaining("curate.columns.caption");
    Path replies = table("replies.csv", "id,image,caption\n1,a.png,Nests of tumour cells.\n");
    List<CurationStep> liked = List.of(new MostLiked("parent", "likes", List.of()));
    assertThatThrownBy(() -> curate(replies, liked, Optional.of("id"), folder.resolve("replies")))
        .hasMessageContaining("replies.csv: line 2: field 'parent' is missing")
        .hasMessageContaining("parent of most-liked");
    Path likes =
        table("likes.csv", "id,image,caption,parent,likes\n1,a.png,Nests of cells.,p,many\n");
    assertThatThrownBy(() -> curate(likes, liked, Optional.of("id"), folder.resolve("likes")))
        .hasMessageContaining("likes.csv: line 2: field 'likes' is 'many', expected a number");
  }

  @Test
  void aTableThatChangedIsNotGoneOnWith() throws IOException {
    Path table = table("rows.csv", "id,image,caption\n1,a.png,Nests of tumour cells.\n");
    assertThat(curate(table, STEPS).funnel().kept()).isEqualTo(1);
    byte[] before = Files.readAllBytes(folder.resolve("out/pairs.parquet"));
    table("rows.csv", "id,image,caption,likes\n1,a.png,Nests of tumour cells.,4\n");
    assertThatThrownBy(() -> curate(table, STEPS))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("rows: it was ");
    assertThat(folder.resolve("out/pairs.parquet")).hasBinaryContent(before);
  }

  @Test
  void aFieldThatTheFirstRowLacksIsSaid() throws IOException {
    Path table =
        table(
            "rows.jsonl",
            """
            {"id":1,"image":"a.png","caption":"Nests of tumour cells."}
            {"id":2,"image":"a.png","caption":"Glands of the skin.","likes":4}
            """);
    assertThatThrownBy(() -> curate(table, STEPS))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 2: has the field 'likes'")
        .hasMessageContaining("curate.carry");
  }

  @Test
  void aNameThatIsNoPathLeavesTheRowOut() throws IOException {
    Path table =
        table(
            "rows.jsonl",
            "{\"id\":1,\"image\":\"a\\u0000.png\",\"caption\":\"Nests of tumour cells.\"}\n");
    PreparationReport report = curate(table, List.of(new Images(new Pixels(8), 1_000_000)));
    assertThat(report.notes()).hasSize(1);
    assertThat(Files.readString(folder.resolve("out/rejects.jsonl"))).contains("no path");
  }

  @Test
  void aFolderThatCannotBeWrittenIsSaid() throws IOException {
    Path table = table("rows.csv", "id,image,caption\n1,a.png,Nests of tumour cells.\n");
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> curate(table, STEPS, Optional.of("id"), file.resolve("out")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(file.toString());
  }
}
