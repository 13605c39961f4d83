package dev.eosin.data.quality;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.LlavaJsonSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceStatisticsTest {
  @TempDir private Path home;
  private Path train;

  @BeforeEach
  void writeTiles() throws IOException {
    train = SplitFiles.in(home).train();
    Files.copy(train.resolve("tissue/tile-1.png"), train.resolve("tissue/tile-1-again.png"));
    Files.createDirectory(train.resolve("glass & <more>"));
    Files.writeString(train.resolve("glass & <more>/broken.png"), "no image");
  }

  private SourceStatistics statistics(long most) throws IOException {
    var plan = new SourceStatistics.Plan(ClipTokenizer.load(), 9, 4, most, 2);
    return SourceStatistics.of(SplitFiles.open(train), plan);
  }

  @Test
  void everyFigureIsOfTheSamplesThatWereExamined() throws IOException {
    SourceStatistics found = statistics(100);
    assertThat(found.samples()).isEqualTo(8);
    assertThat(found.examined()).isEqualTo(8);
    // "an h & e image of tissue ." has 8 ids and two more; the other class has 11 and two.
    assertThat(found.captionTokens().count()).isEqualTo(8);
    assertThat(found.captionTokens().median()).isEqualTo(10);
    assertThat(found.captionsTooLong()).isEqualTo(8);
    assertThat(found.captionsShared()).isEqualTo(7);
    assertThat(found.labels()).isEqualTo(Map.of("tissue", 7, "glass & <more>", 1));
    assertThat(found.sizes()).isEqualTo(Map.of("64 x 64", 7));
    assertThat(found.unreadable()).singleElement().asString().contains("broken.png: not a PNG");
    assertThat(found.equalFiles())
        .containsExactly(List.of("tissue/tile-1-again.png", "tissue/tile-1.png"));
    assertThat(found.equalPictures()).isEmpty();
    assertThat(found.pictures()).hasSize(7);
  }

  @Test
  void aLimitExaminesSamplesSpreadOverTheSource() throws IOException {
    SourceStatistics found = statistics(4);
    assertThat(found.examined()).isEqualTo(4);
    assertThat(found.labels()).containsEntry("glass & <more>", 1).containsEntry("tissue", 3);
  }

  @Test
  void questionsAreCountedByKindAndFactAndTextAloneHasNoImage() throws IOException {
    Path file =
        Files.writeString(
            train.resolve("rows.jsonl"),
            """
            {"image":"tissue/tile-1.png","q":"Is it?","a":"yes","fact":"stain"}
            {"image":"tissue/tile-1.png","q":"Is it?","a":"no","fact":"stain"}
            {"image":"tissue/tile-1.png","q":"What?","a":"fat","fact":"tissue"}
            {"image":"tissue/tile-1.png","q":"What?","a":""}
            """);
    RowFields fields =
        new RowFields(
            "image",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("q"),
            Optional.of("a"),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.of("fact"));
    var settings =
        new JsonLinesSettings(file, Optional.empty(), fields, Map.of(), Map.of(), List.of());
    var plan = new SourceStatistics.Plan(ClipTokenizer.load(), 9, 4, 100, 2);
    SourceStatistics found = SourceStatistics.of(Sources.open(settings, new ImageDecoder()), plan);
    assertThat(found.content())
        .isEqualTo(Map.of("closed question", 2, "open question", 1, "image alone", 1));
    assertThat(found.facts()).isEqualTo(Map.of("stain", 2, "tissue", 1));
    assertThat(found.unreadable())
        .singleElement()
        .asString()
        .contains("rows.jsonl: line 4: a is empty");
    assertThat(
            String.join(
                "\n", new StatisticsReport(Map.of("x", found), List.of(), List.of()).lines()))
        .contains("closed question: 2", "open question: 1", "stain: 2, tissue: 1");
    Files.writeString(
        file,
        "{\"conversations\":[{\"from\":\"human\",\"value\":\"Hello?\"},"
            + "{\"from\":\"gpt\",\"value\":\"Hello.\"}]}\n");
    var talk =
        new LlavaJsonSettings(
            file,
            Optional.empty(),
            LlavaJsonSettings.Says.CONVERSATION,
            "gpt",
            1,
            LlavaJsonSettings.WithoutImage.KEEP,
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    SourceStatistics text = SourceStatistics.of(Sources.open(talk, new ImageDecoder()), plan);
    assertThat(text.content()).isEqualTo(Map.of("conversation", 1));
    assertThat(text.unreadable()).isEmpty();
    assertThat(text.samplesWithoutCaption()).isZero();
  }

  @Test
  void theReportSaysTheSameAsTextJsonAndPage() throws IOException {
    var report =
        new StatisticsReport(
            Map.of("data.train", statistics(100)), List.of("a < b"), List.of("too bad"));
    assertThat(String.join("\n", report.lines()))
        .contains("64 x 64: 7", "1 copies, for example tissue/tile-1-again.png = tissue/tile-1.png")
        .contains("both parts: a < b");
    JsonNode json = new ObjectMapper().readTree(report.json());
    assertThat(json.at("/parts/data.train/captions_too_long").asInt()).isEqualTo(8);
    assertThat(json.at("/parts/data.train/equal_files/0/1").asText())
        .isEqualTo("tissue/tile-1.png");
    String page = StatisticsPage.of("tiles & more", report);
    assertThat(page)
        .contains("<title>tiles &amp; more</title>", "glass &amp; &lt;more&gt;: 1", "a &lt; b")
        .contains("<svg", "data:image/png;base64,");
  }
}
