package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
