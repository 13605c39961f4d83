package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.data.synthetic.Fact;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tiles of independent facts from the command line: a picture of them, and what a tower tells.
class DrawnFactsTest {
  @TempDir private Path folder;

  @Test
  void aSheetShowsTheFirstTilesMagnified() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    Path out = folder.resolve("sheet.png");
    int code =
        tiny.eosin(
            "data sheet",
            "--split=validation",
            "--tiles=11",
            "--out=" + out,
            "data.validation.facts=independent");
    assertThat(code).as(tiny.err()).isZero();
    assertThat(ImageIO.read(out.toFile()).getWidth()).isEqualTo(8 * (128 + 8) + 8);
    assertThat(tiny.eosin("data sheet", "--split=train", "--tiles=0", "--out=" + out)).isNotZero();
    assertThat(tiny.err()).contains("--tiles: from 1 to 1000 samples");
  }

  @Test
  void whatHasNoPictureHasNoSheet() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    int code =
        tiny.eosin(
            "data sheet",
            "--split=train",
            "--out=" + folder.resolve("sheet.png"),
            "data.train={type: synthetic, samples: 9, facts: independent, says: conversations}");
    assertThat(code).isNotZero();
    assertThat(tiny.err()).contains("synthetic/train/0 has 0 images; a sheet shows samples of one");
  }

  @Test
  void theCeilingOfEachFactIsPrintedWithItsIntervalAndChance() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("train", "data.train.facts=independent", "evaluate=[]"))
        .as(tiny.err())
        .isZero();
    String[] options = {"--train=200", "--held-out=80", "--passes=12", "--until=-1"};
    CommandRun first = ceiling(tiny.run, options);
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out().lines()).hasSize(Fact.values().length);
    for (Fact fact : Fact.values()) {
      assertThat(first.out())
          .containsPattern(
              "%s +[01]\\.\\d{3}  \\[[01]\\.\\d{3}, [01]\\.\\d{3}\\]  chance 0\\.\\d\\d, \\d+ tiles"
                  .formatted(fact.label()));
    }
    // Even tokens of random weights tell colours.
    assertThat(first.out()).containsPattern("stain +(1\\.0|0\\.[89])");
    assertThat(first.out()).containsPattern("tissue +0\\.\\d{3}.*below 0\\.9");
    assertThat(ceiling(tiny.run, options).out()).isEqualTo(first.out());
  }

  private static CommandRun ceiling(Path model, String... options) {
    Object[] line = new Object[3 + options.length];
    line[0] = "data";
    line[1] = "ceiling";
    line[2] = model;
    System.arraycopy(options, 0, line, 3, options.length);
    return CommandRun.of(line);
  }

  @Test
  void aCeilingWithoutTilesIsRefused() {
    CommandRun run = ceiling(folder, "--held-out=0");
    assertThat(run.code()).isNotZero();
    assertThat(run.err())
        .contains(
            "4000 training tiles, 0 held-out tiles and 20 passes: at least 1 of each is needed");
  }
}
