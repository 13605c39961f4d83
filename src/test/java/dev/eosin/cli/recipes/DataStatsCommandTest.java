package dev.eosin.cli.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.TinyRecipe;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.data.Source;
import dev.eosin.recipe.trained.TrainableRecipe;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataStatsCommandTest {
  @TempDir private Path home;

  @Test
  void bothPartsAreExaminedAndWrittenAsAPage() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(home);
    Path page = home.resolve("stats.html");
    Path figures = home.resolve("stats.json");
    int code = tiny.eosin("data stats", "--html", page.toString(), "--json", figures.toString());
    assertThat(code).as(tiny.err()).isZero();
    assertThat(tiny.out())
        .contains("data.train", "data.validation")
        .contains("looked at           %d drawn tiles".formatted(TinyRecipe.SAMPLES))
        .contains("passed over         nothing")
        .contains("samples             " + TinyRecipe.SAMPLES)
        .contains("32 x 32: " + TinyRecipe.SAMPLES);
    assertThat(page).content().contains("<h2>data.validation</h2>", "data:image/png;base64,");
    assertThat(Files.readString(figures)).contains("\"caption_tokens\"");
    assertThat(tiny.run).doesNotExist();
  }

  @Test
  void whatATrainingWouldRefuseIsToldAndNotRefused() throws IOException {
    Path table = home.resolve("tiles.csv");
    StringBuilder rows = new StringBuilder("file,text,slide\n");
    for (int tile = 0; tile < 4; tile++) {
      BufferedImage image = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
      image.setRGB(tile, tile, 0xff00ff);
      ImageIO.write(image, "png", home.resolve(tile + ".png").toFile());
      rows.append("%d.png,%s,S1\n".formatted(tile, tile == 1 ? "" : "Glands of kind " + tile));
    }
    rows.append("gone.png,Stroma that is not there,S1\n");
    Files.writeString(table, rows);
    String source =
        "{ type: csv, path: '%s', columns: { image: file, caption: text, group: slide } }"
            .formatted(table);
    TinyRecipe tiny = TinyRecipe.in(home);
    Path page = home.resolve("stats.html");
    Path figures = home.resolve("stats.json");
    String[] data = {"data.train=" + source, "data.validation=" + source};
    assertThat(tiny.eosin("train", "--dry-run", data[0], data[1])).isEqualTo(ExitCode.DATA);
    int code =
        tiny.eosin(
            "data stats",
            "--html",
            page.toString(),
            "--json",
            figures.toString(),
            data[0],
            data[1]);
    assertThat(code).as(tiny.err()).isZero();
    assertThat(tiny.out())
        .contains("eosin train refuses: data.train: 1 of 5 listed images are missing")
        .contains("data.train: 1 of 5 samples have an empty caption")
        .contains("5 of its 5 samples are training samples, too");
    assertThat(page)
        .content()
        .contains("</strong>data.train: 1 of 5 listed", "<figcaption>Glands of kind 0");
    assertThat(Files.readString(figures)).contains("\"refused\" : [ \"data.train: 1 of 5");
  }

  /// What is rare in a table may be too much for the side that it falls to: 2 of 40 samples are the
  /// limit, and each side has fewer.
  @Test
  void whatATrainingWouldStopAtIsToldOfEachSide() throws IOException {
    Path table = tiles(40);
    TinyRecipe tiny = TinyRecipe.in(home);
    String[] data = {
      "data.train={ type: csv, path: '%s', columns: { image: file, caption: text } }"
          .formatted(table),
      "data.validation={ type: split, by: sample, share: 25 % }",
      "data.bad-rows.limit=5 %",
      "evaluate=[{ type: validation, name: pairs, every: 1 steps }]"
    };
    assertThat(tiny.eosin("data stats", data)).as(tiny.err()).isZero();
    assertThat(tiny.out()).contains("bad samples         none").doesNotContain("refuses");
    Source learned = TrainableRecipe.read(tiny.recipe, List.of(data)).experiment().data().train();
    for (int tile = 0; tile < 2; tile++) {
      Files.writeString(home.resolve(learned.get(tile).key()), "no image");
    }
    assertThat(tiny.eosin("data stats", data)).as(tiny.err()).isZero();
    assertThat(tiny.out())
        .contains("bad samples         2 (")
        .containsPattern(
            "eosin train refuses: data\\.train: 2 of %d \\([0-9.]+ %%\\) samples cannot be read; before the split 2 of 40 \\(5\\.0 %%\\): more than data\\.bad-rows\\.limit \\(5 %% of each side\\) allows, for example .*%s"
                .formatted(learned.size(), learned.get(0).key()))
        .doesNotContain("refuses: data.validation");
  }

  /// A row that comes again is told in the same way by whoever opens the table.
  @Test
  void rowsThatComeAgainAreTold() throws IOException {
    Path table = tiles(4);
    Files.writeString(
        table, "1.png,Glands of kind 1\n1.png,Glands\n2.png,Fat\n", StandardOpenOption.APPEND);
    String[] copied = {
      "data={ train: { type: csv, path: '%s', columns: { image: file, caption: text } }, image: { size: 32 px }, text: { length: 16 } }"
          .formatted(table),
      "evaluate=[]"
    };
    TinyRecipe tiny = TinyRecipe.in(home);
    String again =
        "data.train: %s: 1 of 7 rows repeat an earlier one (same image, same words), for example 1.png; each counts as a sample"
            .formatted(table);
    String other = "data.train: %s: 2 of 7 rows have the image of an earlier one".formatted(table);
    assertThat(tiny.eosin("data stats", copied)).as(tiny.err()).isZero();
    assertThat(tiny.out())
        .contains(again, other)
        .contains("equal files         3 copies (3 of them name a file again), for example 1.png");
    assertThat(tiny.eosin("train", copied)).as(tiny.err()).isZero();
    assertThat(tiny.err()).contains(again, other);
  }

  /// A dry run reads no more than a batch, and says what it found there.
  @Test
  void aDryRunTellsWhatItReadAndWhoReadsTheRest() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(home);
    String data =
        "data={ train: { type: csv, path: '%s', columns: { image: file, caption: text } }, image: { size: 32 px }, text: { length: 16 }, bad-rows: { limit: 100 %% } }"
            .formatted(tiles(12));
    assertThat(tiny.eosin("train", "--dry-run", data, "evaluate=[]")).as(tiny.err()).isZero();
    assertThat(tiny.out())
        .contains("of the images only those of the first batch were read; 'eosin data stats'");
    for (int tile = 0; tile < 6; tile++) {
      Files.writeString(home.resolve(tile + ".png"), "no image");
    }
    assertThat(tiny.eosin("train", "--dry-run", data, "evaluate=[]")).as(tiny.err()).isZero();
    assertThat(tiny.out())
        .containsPattern(
            "[1-6] of the 8 samples of the first batch cannot be read, for example .*[0-5].png: not a PNG.*; others stand in; no more than this batch was read; 'eosin data stats' reads both sides");
  }

  @Test
  void aSheetShowsWhatCanBeReadAndCountsTheRest() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(home);
    Path sheet = home.resolve("sheet.png");
    String data =
        "data={ train: { type: csv, path: '%s', columns: { image: file, caption: text } }, image: { size: 32 px }, text: { length: 16 }, bad-rows: { limit: %s } }";
    Path table = tiles(10);
    Files.writeString(home.resolve("3.png"), "no image");
    String[] sheets = {
      "--split=train", "--out=" + sheet, "evaluate=[]", data.formatted(table, "10 %")
    };
    assertThat(tiny.eosin("data sheet", sheets)).as(tiny.err()).isZero();
    assertThat(tiny.out())
        .containsPattern("1 of 10 samples cannot be read and are not shown; first: .*3.png: not a");
    assertThat(ImageIO.read(sheet.toFile()).getWidth()).isGreaterThan(8 * 40);
    Files.delete(sheet);
    sheets[3] = data.formatted(table, "9 %");
    assertThat(tiny.eosin("data sheet", sheets)).isEqualTo(ExitCode.DATA);
    assertThat(tiny.err())
        .contains(
            "data.train: 1 of the first 10 samples cannot be read, and data.bad-rows.limit is 9 % of 10; first: ");
    assertThat(sheet).doesNotExist();
  }

  private Path tiles(int count) throws IOException {
    StringBuilder rows = new StringBuilder("file,text\n");
    for (int tile = 0; tile < count; tile++) {
      BufferedImage image = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
      image.setRGB(tile % 40, tile / 40, 0xff00ff);
      ImageIO.write(image, "png", home.resolve(tile + ".png").toFile());
      rows.append("%d.png,Glands of kind %d\n".formatted(tile, tile));
    }
    return Files.writeString(home.resolve("tiles.csv"), rows);
  }

  @Test
  void raggedRowsAreCountedAndNamedBesideTheFigures() throws IOException {
    Path table = home.resolve("ragged.csv");
    ImageIO.write(
        new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB),
        "png",
        home.resolve("a.png").toFile());
    Files.writeString(
        table, "file,text\na.png,Glands\na.png\na.png,Stroma, pink\na.png,Fat\na.png,Skin\n");
    String source =
        "data.train={ type: csv, path: '%s', columns: { image: file, caption: text } }"
            .formatted(table);
    TinyRecipe tiny = TinyRecipe.in(home);
    String fewer = "1 row with fewer fields than the header's 2 (line 3)";
    String more =
        "1 row with more fields than the header's 2; a field with ',' in it needs quotes around it (line 4)";
    assertThat(tiny.eosin("train", "--dry-run", source)).isEqualTo(ExitCode.DATA);
    assertThat(tiny.err()).contains(fewer, more);
    Path page = home.resolve("stats.html");
    assertThat(tiny.eosin("data stats", "--html", page.toString(), source)).as(tiny.err()).isZero();
    assertThat(tiny.out())
        .contains("samples             3\n")
        .contains("passed over         " + fewer + "; " + more)
        .contains("eosin train refuses: " + table + ": " + fewer);
    assertThat(page).content().contains("ragged.csv: " + fewer.replace("'", "&#39;"));
  }

  /// A share that leaves nothing on one side: all samples are looked at, and the share is named.
  @Test
  void aShareThatCannotBeIsToldBesideTheFigures() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(home);
    String split = "data.validation={ type: split, by: sample, share: 99.99 % }";
    assertThat(tiny.eosin("train", "--dry-run", split)).isEqualTo(ExitCode.DATA);
    assertThat(tiny.eosin("data stats", split)).as(tiny.err()).isZero();
    assertThat(tiny.out())
        .contains("samples             " + TinyRecipe.SAMPLES)
        .contains("eosin train refuses: data.train: nothing is left to train on")
        .doesNotContain("data.validation\n");
  }

  @Test
  void trainingOnValidationPicturesIsRefusedWhereTheyAreCompared() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(home).with("split: validation, ", "");
    assertThat(tiny.eosin("train", "--dry-run", "data.leaks.by=picture")).isEqualTo(ExitCode.DATA);
    assertThat(tiny.err())
        .contains("24 of its 24 samples are training samples, too")
        .contains("data.leaks.allow (0 %)");
    assertThat(tiny.eosin("train", "--dry-run", "data.leaks={ by: picture, allow: 100 % }"))
        .isZero();
    assertThat(tiny.out())
        .contains("24 of its 24 samples are training samples, too")
        .contains("24 of its 24 images are also in data.train");
  }
}
