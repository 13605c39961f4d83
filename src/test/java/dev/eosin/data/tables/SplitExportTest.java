package dev.eosin.data.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.TinySource;
import dev.eosin.data.opened.SplitExport;
import dev.eosin.data.settings.CsvColumns;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitExportTest {
  private static final List<String> TEMPLATES = List.of("An H&E image of {}.", "{}, \"H&E\".");

  @TempDir Path folder;

  @Test
  void tilesLabelsAndPromptsCanBeReadAgain() throws IOException {
    Path out = folder.resolve("a/export");
    SplitExport.Summary summary = SplitExport.write(new TinySource(12, Set.of(5L)), TEMPLATES, out);
    assertThat(summary).isEqualTo(new SplitExport.Summary(11, 1));
    assertThat(out.resolve("bad-rows.jsonl"))
        .content()
        .isEqualTo("{\"position\":5,\"key\":\"tile-5\",\"reason\":\"tile-5: corrupt\"}\n");
    assertThat(Files.readAllLines(out.resolve("labels.csv")))
        .hasSize(12)
        .startsWith(
            "filepath,label,label_text,caption,group",
            "tiles/00000000.png,even,an even number,caption one of 0,group 0");
    assertThat(ImageIO.read(out.resolve("tiles/00000011.png").toFile()).getRGB(1, 2))
        .isEqualTo(0xFF0B0B0B);
    JsonNode prompts = new ObjectMapper().readTree(out.resolve("prompts.json").toFile());
    assertThat(prompts.at("/templates").size()).isEqualTo(2);
    assertThat(prompts.at("/classes/1/label").asText()).isEqualTo("odd");
    assertThat(prompts.at("/classes/1/prompts/0").asText())
        .isEqualTo("An H&E image of an odd number.");
  }

  @Test
  void anExportIsASourceAgain() throws IOException {
    Path out = folder.resolve("export");
    SplitExport.write(new TinySource(6, Set.of()), TEMPLATES, out);
    CsvColumns columns =
        new CsvColumns(
            "filepath",
            Optional.of("caption"),
            List.of(),
            Optional.of("label"),
            Optional.of("group"));
    Source source =
        CsvSource.open(
            new CsvSettings(
                out.resolve("labels.csv"),
                ",",
                Optional.empty(),
                columns,
                Map.of(),
                Map.of(),
                List.of()),
            new ImageDecoder());
    assertThat(source.size()).isEqualTo(6);
    assertThat(out.resolve("bad-rows.jsonl")).doesNotExist();
    assertThat(source.get(4).image().read().toRgb().pixels()).containsOnly(4);
    assertThat(source.badSamples().missing().count()).isZero();
    assertThat(source.get(5).texts()).containsExactly("caption one of 5");
  }

  @Test
  void nothingIsLeftBehindOnFailure() throws IOException {
    Set<Long> all = LongStream.range(0, 3).boxed().collect(Collectors.toSet());
    assertThatThrownBy(
            () -> SplitExport.write(new TinySource(3, all), TEMPLATES, folder.resolve("export")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none of the 3 images can be read; first: tile-0: corrupt");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void anExistingFolderIsRefused() {
    assertThatThrownBy(() -> SplitExport.write(new TinySource(3, Set.of()), TEMPLATES, folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("exists already");
  }
}
