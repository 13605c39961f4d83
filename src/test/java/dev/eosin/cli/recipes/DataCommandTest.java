package dev.eosin.cli.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.TinyRecipe;
import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `eosin data export` from the command line to the files it leaves.
class DataCommandTest {
  @TempDir private Path folder;

  @Test
  void anExportHoldsTilesLabelsAndTheClassPrompts() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    Path out = folder.resolve("exported");
    assertThat(tiny.eosin("data export", "--split", "validation", "--out", out.toString()))
        .as(tiny.err())
        .isZero();
    List<String> rows = Files.readAllLines(out.resolve("labels.csv"));
    assertThat(rows)
        .hasSize(1 + TinyRecipe.SAMPLES)
        .startsWith("filepath,label,label_text,caption,group");
    Path tile = out.resolve(rows.get(1).split(",")[0]);
    assertThat(ImageIO.read(tile.toFile()).getWidth()).isEqualTo(32);
    JsonNode prompts = new ObjectMapper().readTree(out.resolve("prompts.json").toFile());
    assertThat(prompts.at("/templates/0").asText()).isEqualTo("An H&E image of {}.");
    assertThat(prompts.at("/classes")).hasSize(9);
    assertThat(prompts.at("/classes/0/prompts/0").asText())
        .isEqualTo("An H&E image of " + prompts.at("/classes/0/text").asText() + ".");
    assertThat(tiny.run).doesNotExist();
  }

  @Test
  void classNamesOfTheEvaluationAreTheOnesExported() throws IOException {
    TinyRecipe tiny =
        TinyRecipe.in(folder).with("bootstrap: 20", "bootstrap: 20, class-names: { adipose: fat }");
    Path out = folder.resolve("exported");
    assertThat(tiny.eosin("data export", "--split=validation", "--out=" + out)).isZero();
    assertThat(out.resolve("prompts.json")).content().contains("\"An H&E image of fat.\"");
  }

  @Test
  void whatAnExportLeavesOutIsListedWithReasons() throws IOException {
    Path kinds = Files.createDirectories(folder.resolve("kinds/tissue"));
    for (String file : List.of("pal8.bmp", "chi.gif", "big.tif", "16bit.cropped.jp2")) {
      Files.copy(Path.of("src/test/resources/image-formats/taken", file), kinds.resolve(file));
    }
    TinyRecipe tiny =
        TinyRecipe.in(folder)
            .with(
                "{ type: synthetic, samples: 24, split: validation, tile: 32 px }",
                "{ type: folder, path: \"%s\", templates: [\"An image of {}.\"] }"
                    .formatted(kinds.getParent()));
    Path out = folder.resolve("exported");

    assertThat(tiny.eosin("data export", "--split=validation", "--out=" + out))
        .as(tiny.err())
        .isZero();

    Path list = out.resolve("bad-rows.jsonl");
    assertThat(tiny.out())
        .contains(
            "3 tiles written to " + out,
            "1 images cannot be read and were left out; " + list + " says which and why");
    JsonNode row = new ObjectMapper().readTree(list.toFile());
    assertThat(row.at("/position").asInt()).isZero();
    assertThat(row.at("/key").asText()).isEqualTo("tissue/16bit.cropped.jp2");
    assertThat(row.at("/reason").asText())
        .endsWith(
            "16bit.cropped.jp2: a JPEG 2000 image, which is not supported; convert it, for example"
                + " with OpenJPEG: opj_decompress -i x.jp2 -o x.png");
    assertThat(Files.readAllLines(out.resolve("labels.csv"))).hasSize(4);
  }

  @Test
  void aPackGoesOnWhereItWas() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    Path out = folder.resolve("packed");
    String[] command = {"--split", "train", "--shard-size", "0.03MB", "--out", out.toString()};
    assertThat(tiny.eosin("data pack", command)).as(tiny.err()).isZero();
    assertThat(out.resolve("00001.tar")).exists();
    Files.delete(out.resolve("00001.tar"));
    assertThat(tiny.eosin("data pack", command)).as(tiny.err()).isZero();
    assertThat(out.resolve("00001.tar")).exists();
  }

  @Test
  void aFolderThatExistsIsNotTouched() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("data export", "--split", "train", "--out", folder.toString()))
        .isEqualTo(ExitCode.DATA);
    assertThat(tiny.err()).contains("exists already").hasLineCount(1);
    assertThat(folder.resolve("labels.csv")).doesNotExist();
  }

  @Test
  void anUnknownSplitIsAUsageError() throws IOException {
    TinyRecipe tiny = TinyRecipe.in(folder);
    assertThat(tiny.eosin("data export", "--split", "test", "--out", "x"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(tiny.err()).containsIgnoringCase("train, validation").doesNotContain("\tat ");
  }
}
