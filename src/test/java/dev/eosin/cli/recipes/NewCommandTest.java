package dev.eosin.cli.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.eosin.cli.Main;
import dev.eosin.cli.terminal.ExitCode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `eosin new`: what it writes passes `eosin train --dry-run`.
class NewCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  @Test
  void aFolderOfClassFoldersTrains() throws IOException {
    images("tiles/tumour", 3);
    images("tiles/stroma", 3);
    String yaml = scaffold(folder.resolve("tiles"));
    assertThat(yaml).contains("type: folder", "type: zero-shot", "data: train", "tumour");
    assertThat(out.toString()).contains("classes: the 2 folders stroma, tumour");
  }

  @Test
  void foldersOfTrainingAndValidationAreKnown() throws IOException {
    images("data/train/a", 2);
    images("data/train/b", 2);
    images("data/val/a", 1);
    images("data/val/b", 1);
    assertThat(scaffold(folder.resolve("data"))).contains("  validation: { type: folder");
  }

  @Test
  void openClipsTableIsRead() throws IOException {
    images("img", 4);
    Path table = folder.resolve("pairs.csv");
    Files.writeString(table, "filepath,title\n" + "img/0.png,\"Glands, well formed.\"\n".repeat(4));
    assertThat(scaffold(table))
        .contains("columns: { image: \"filepath\", caption: \"title\" }")
        .contains("nothing is measured but the loss")
        .contains(
            "#   note: " + table + ": 3 of 4 rows repeat an earlier one (same image, same words)");
    assertThat(out.toString()).contains("3 of 4 rows repeat an earlier one");
  }

  @Test
  void tabsSplitsGroupsAndLabelsAreFound() throws IOException {
    images("tiles", 4);
    Path table = folder.resolve("all.tsv");
    Files.writeString(
        table,
        """
        id\tfile\tpatient_id\tdiagnosis\tnotes on the tile\tsplit
        1\t0.png\tP1\ttumour\tSheets of atypical cells, many mitoses.\ttrain
        2\t1.png\tP1\tstroma\tLoose connective tissue with few cells.\ttrain
        3\t2.png\tP2\ttumour\tNests of atypical cells in a dense stroma.\tval
        4\t3.png\tP2\tstroma\tDense collagen, hardly any cells at all.\tval
        """);
    assertThat(scaffold(table))
        .contains("separator: \"\\t\"", "images: ")
        .contains("image: \"file\", caption: \"notes on the tile\", label: \"diagnosis\"")
        .contains("group: \"patient_id\"", "where: { \"split\": \"val\" }", "type: validation");
  }

  @Test
  void multimodalProbesTableHasLabelsAndATestSet() throws IOException {
    images("tiles", 4);
    Path table = folder.resolve("patho_kather.csv");
    StringBuilder rows = new StringBuilder("filepaths,cat,is_test\n");
    for (int i = 0; i < 4; i++) {
      rows.append(
          "%s,%d,%s\n"
              .formatted(
                  folder.resolve("tiles/%d.png".formatted(i)), i % 2, i < 2 ? "False" : "True"));
    }
    Files.writeString(table, rows);
    assertThat(scaffold(table))
        .contains("image: \"filepaths\", label: \"cat\"")
        .contains("where: { \"is_test\": \"False\" }", "where: { \"is_test\": \"True\" }");
  }

  @Test
  void slidesAreHeldOutWhereNothingElseSaysWhatToValidateWith() throws IOException {
    images("tiles", 60);
    StringBuilder rows = new StringBuilder("path,slide,caption\n");
    for (int slide = 0; slide < 60; slide++) {
      rows.append("tiles/%1$d.png,S%1$d,A tile of slide number %1$d.\n".formatted(slide));
    }
    Path table = Files.writeString(folder.resolve("slides.csv"), rows);
    assertThat(scaffold(table)).contains("{ type: split, by: group, share: 20 % }");
  }

  /// What is held out is not learned from, and 199 of 200 are not all.
  @Test
  void stepsAreCountedOverWhatIsLeftToLearnFrom() throws IOException {
    images("tiles", 200);
    // One that is learned from.
    Files.delete(folder.resolve("tiles/7.png"));
    StringBuilder rows = new StringBuilder("path,caption\n");
    for (int tile = 0; tile < 200; tile++) {
      rows.append("tiles/%1$d.png,A tile of number %1$d.\n".formatted(tile));
    }
    Path table = Files.writeString(folder.resolve("most.csv"), rows);
    String yaml = scaffold(table);
    assertThat(out.toString()).contains("images: the files of 199 of the first 200 rows are in");
    Matcher written =
        Pattern.compile(
                "length: ([0-9]+) steps }  # ([0-9]+) of 200 samples to learn from, about 10 epochs")
            .matcher(yaml);
    assertThat(written.find()).as(yaml).isTrue();
    int learned = Integer.parseInt(written.group(2));
    assertThat(learned).isBetween(120, 199);
    assertThat(Integer.parseInt(written.group(1))).isEqualTo(10 * learned / 32);
    assertThat(out.toString()).contains("train: %d samples".formatted(learned));
  }

  @Test
  void linesOfJsonAreRead() throws IOException {
    images(".", 2);
    Path table = folder.resolve("a.jsonl");
    Files.writeString(
        table,
        """
        {"image": "0.png", "caption": "Adipose tissue with septa."}
        {"image": "1.png", "caption": "Smooth muscle, cut lengthwise."}
        """);
    assertThat(scaffold(table)).contains("type: jsonl", "fields: { image: \"image\"");
  }

  @Test
  void aTableOfASpreadsheetIsReadWithItsByteOrderMark() throws IOException {
    images("img", 4);
    Path table = folder.resolve("sheet.csv");
    Files.writeString(
        table, "\uFEFFfilepath,title\n" + "img/0.png,\"Glands, well formed.\"\n".repeat(4));
    assertThat(scaffold(table)).contains("columns: { image: \"filepath\", caption: \"title\" }");
  }

  @Test
  void aRaggedRowIsNamedByItsLine() throws IOException {
    images("img", 2);
    Path table = folder.resolve("ragged.csv");
    Files.writeString(
        table, "filepath,title\nimg/0.png,Glands of a kind.\nimg/1.png,Stroma,of a kind.\n");
    assertThat(run("new", table.toString(), "--out", folder.resolve("r.yaml").toString()))
        .isEqualTo(ExitCode.DATA);
    assertThat(err.toString())
        .contains(
            "1 row with more fields than the header's 2; a field with ',' in it needs quotes around it (line 3)");
  }

  @Test
  void labelsOfAKnownDataSetAreWrittenInWords() throws IOException {
    images("nct/ADI", 2);
    images("nct/TUM", 2);
    assertThat(scaffold(folder.resolve("nct")))
        .contains("\"ADI\": \"adipose tissue\"", "positives: equal-captions")
        .contains("class-names: the labels are those of NCT-CRC-HE");
  }

  @Test
  void aTableBesideTheFoldersSaysWhatTheyShow() throws IOException {
    images("mine/c_1", 2);
    images("mine/c_2", 2);
    Files.writeString(
        folder.resolve("mine/labels.csv"),
        "\uFEFFfilepath,label,label_text\n"
            + "a,c_1,well differentiated\n"
            + "b,c_2,poorly differentiated\n");
    assertThat(scaffold(folder.resolve("mine")))
        .contains("class-names: { \"c_1\": \"well differentiated\"", "label_text of");
  }

  @Test
  void codesOfNoKnownDataSetAreAskedFor() throws IOException {
    images("mine/01_GLAND", 2);
    images("mine/02_FAT", 2);
    assertThat(scaffold(folder.resolve("mine")))
        .contains("class-names: { \"01_GLAND\": \"gland\", \"02_FAT\": \"FAT\" }")
        .contains("write what each one shows, in words");
  }

  @Test
  void tooFewSlidesAreNotTooFewSamples() throws IOException {
    images("tiles", 60);
    StringBuilder rows = new StringBuilder("path,slide,diagnosis\n");
    for (int tile = 0; tile < 200; tile++) {
      rows.append(
          "tiles/%d.png,S%d,%s\n"
              .formatted(tile % 60, tile % 20, tile % 2 == 0 ? "tumour" : "stroma"));
    }
    Path table = Files.writeString(folder.resolve("few.csv"), rows);
    assertThat(scaffold(table))
        .contains("20 groups (slides, patients) are too few to hold some of them out")
        .contains("so too good: 20 groups")
        .doesNotContain("samples are too few");
  }

  @Test
  void aFolderWithMetadataIsATable() throws IOException {
    images("hub/train", 3);
    images("hub/test", 2);
    String row = "{\"file_name\": \"%d.png\", \"text\": \"Glands of kind %d.\"}\n";
    Files.writeString(
        folder.resolve("hub/train/metadata.jsonl"),
        row.formatted(0, 0) + row.formatted(1, 1) + row.formatted(2, 2));
    Files.writeString(
        folder.resolve("hub/test/metadata.jsonl"), row.formatted(0, 0) + row.formatted(1, 1));
    assertThat(scaffold(folder.resolve("hub")))
        .contains("train/metadata.jsonl", "test/metadata.jsonl")
        .contains("fields: { image: \"file_name\", caption: \"text\" }");
  }

  @Test
  void textsBesideImagesAreTheirCaptions() throws IOException {
    images("pairs/some", 2);
    Files.writeString(folder.resolve("pairs/some/0.txt"), "Glands, well formed.");
    Files.writeString(folder.resolve("pairs/some/1.txt"), "Adipose tissue.");
    assertThat(scaffold(folder.resolve("pairs")))
        .contains("type: folder", "captions: text-files", "nothing is measured but the loss");
    assertThat(out.toString()).contains("captions: in text files beside the images");
  }

  @Test
  void whatItCannotGuessItSays() throws IOException {
    Path table = Files.writeString(folder.resolve("a.csv"), "x,y\n1,2\n");
    assertThat(run("new", table.toString())).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("no column holds image files", "the columns are x, y");
    Files.writeString(table, "file,caption\nnone.png,Text of a tile\n");
    assertThat(run("new", table.toString())).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("for example 'none.png'; looked in");
    assertThat(run("new", folder.resolve("none").toString())).isEqualTo(ExitCode.DATA);
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    images("tiles/a", 1);
    Path there = Files.writeString(folder.resolve("mine.yaml"), "mine");
    assertThat(run("new", folder.resolve("tiles").toString(), "--out", there.toString()))
        .isEqualTo(ExitCode.DATA);
    assertThat(there).hasContent("mine");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lc25000-5class", "kather-texture-2016", "nct-crc-he-9class"})
  void realTablesTrain(String name) throws IOException {
    String shared = Optional.ofNullable(System.getenv("EOSIN_SHARED")).orElse("../shared");
    Path table = Path.of(shared, "data", name, "labels.csv");
    assumeTrue(Files.exists(table), "set EOSIN_SHARED to the folder that holds data/" + name);
    assertThat(scaffold(table)).contains("label: \"label_text\"", "caption: \"caption\"");
  }

  /// Writes a recipe and tries it out.
  private String scaffold(Path data) throws IOException {
    Path recipe = folder.resolve("new.yaml");
    assertThat(run("new", data.toString(), "--out", recipe.toString())).as(err.toString()).isZero();
    String guessed = out.toString();
    String dir = "output.dir=" + folder.resolve("run");
    assertThat(run("train", recipe.toString(), "--dry-run", dir)).as(err.toString()).isZero();
    out.append(guessed);
    return Files.readString(recipe);
  }

  private void images(String inside, int count) throws IOException {
    Path place = Files.createDirectories(folder.resolve(inside).normalize());
    for (int i = 0; i < count; i++) {
      BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
      image.setRGB(i % 64, i / 64, 0xff00ff);
      ImageIO.write(image, "png", place.resolve(i + ".png").toFile());
    }
  }

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
