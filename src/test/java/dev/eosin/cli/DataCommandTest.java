package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
