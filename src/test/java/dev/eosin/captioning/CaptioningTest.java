package dev.eosin.captioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.caption.Agent;
import dev.eosin.captioning.CaptionSettings.Answers;
import dev.eosin.captioning.CaptionSettings.Boilerplate;
import dev.eosin.captioning.CaptionSettings.Columns;
import dev.eosin.captioning.CaptionSettings.Span;
import dev.eosin.config.DataException;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.prepare.PreparationContract;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps.Service;
import dev.eosin.revise.AgentFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Captions by a model that refuses, chatters and forgets what it was asked: whatever happens, the
/// outputs are the same.
class CaptioningTest extends PreparationContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TWO = "Glands with crowded dark nuclei in a loose stroma.";

  /// Each caption says how the model answers to it.
  private static final Path TABLE = Path.of("src/test/resources/captioning/captions.jsonl");

  @TempDir Path folder;

  private static String said(String asked) {
    String kind = asked.replaceFirst("(?s).*Caption: (\\w+).*", "$1");
    return switch (kind) {
      case "refuses" -> "{\"caption\": \"I'm sorry, but I cannot describe this image.\"}";
      case "mends" ->
          asked.contains("not one JSON") ? json("Sheets of small round cells, mended.") : "Sheets.";
      case "fenced" -> "```json\n" + json("Fat between bundles of muscle, in a fence.") + "\n```";
      case "chatters" -> json("The image shows nests of squamous cells with keratin.");
      case "advises" ->
          json("Ducts with a double layer. It is important to consult a pathologist.");
      case "long" -> json("word ".repeat(80).strip());
      case "same" -> json(TWO);
      case "silent" -> "";
      default -> json("Lymphocytes in a dense band below the surface.");
    };
  }

  private static String json(String caption) {
    return "{\"caption\": \"%s\"}".formatted(caption);
  }

  private static CaptionSettings settings(
      CaptionTask task, Path table, Boilerplate boilerplate, Optional<Integer> same) {
    return new CaptionSettings(
        task,
        Optional.of(table),
        Optional.empty(),
        Optional.empty(),
        new Columns(Optional.empty(), "image", "caption", "group"),
        Optional.empty(),
        Answers.JSON,
        Optional.of(new Span(3, 40)),
        Optional.empty(),
        task == CaptionTask.SUMMARISE ? Optional.of(77) : Optional.empty(),
        200,
        2,
        boilerplate,
        same,
        3);
  }

  @Override
  protected RowPreparation preparation(UnaryOperator<Service> outside) {
    try {
      return Captioning.open(
          settings(CaptionTask.SUMMARISE, TABLE, Boilerplate.STRIP, Optional.of(1)),
          AgentFixture.agent(outside, true, CaptioningTest::said));
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PreparationReport run(Path into, RowPreparation preparation) throws IOException {
    var work = new PreparationSettings(2, Failed.OPEN, 50, Limits.NONE);
    return new PreparationRun(into, preparation, work, 7).run(progress -> {}, () -> false);
  }

  @Test
  void everyAnswerIsJudgedKeptAndCounted() throws IOException {
    Path out = folder.resolve("out");
    PreparationReport report = run(out, preparation(service -> service));
    assertThat(report.funnel().kept()).isEqualTo(5);
    assertThat(report.funnel().rejected())
        .containsEntry("refused", 1L)
        .containsEntry("words", 1L)
        .containsEntry("silent", 1L)
        .containsEntry("no-text", 1L)
        .containsEntry("said-of-too-many", 2L);
    List<JsonNode> kept = lines(out.resolve("captions.jsonl"));
    assertThat(kept.stream().map(row -> row.path("caption").asText()))
        .containsExactly(
            "Lymphocytes in a dense band below the surface.",
            "Sheets of small round cells, mended.",
            "Fat between bundles of muscle, in a fence.",
            "Nests of squamous cells with keratin.",
            "Ducts with a double layer.");
    assertThat(kept.get(1).path("before").asText()).isEqualTo("mends");
    assertThat(kept.get(1).path("group").asText()).isEqualTo("s1");
    List<JsonNode> answers = lines(out.resolve("answers.jsonl"));
    assertThat(answers).hasSize(10 + 4); // those of no use twice: refuses, mends, long, silent
    assertThat(answers.get(1).path("text").asText()).contains("I'm sorry");
    JsonNode told = JSON.readTree(out.resolve("captions.json").toFile());
    assertThat(told.path("answers").asInt()).isEqualTo(14);
    assertThat(told.path("asked_again").asInt()).isEqualTo(4);
    assertThat(told.path("of_no_use").path("refused").asInt()).isEqualTo(2);
    assertThat(told.path("of_no_use").path("no-json").asInt()).isEqualTo(1);
    assertThat(told.path("rows_with_boilerplate").asInt()).isEqualTo(2);
    assertThat(Files.readString(out.resolve("page.html")))
        .contains("5 of 11 rows have a text")
        .contains("The image shows");
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  @Test
  void enhancedCaptionsOfImagesNeverSpeakOfTheHint() throws IOException {
    Files.write(folder.resolve("tile.png"), Png.encode(new RgbImage(2, 2, new byte[12])));
    Path table =
        Files.writeString(
            folder.resolve("tiles.csv"), "image,caption\ntile.png,glands\ngone.png,stroma\n,fat\n");
    Agent agent =
        AgentFixture.agent(
            service -> service,
            true,
            asked ->
                json(
                    asked.contains("speaks of what it was told")
                        ? "Branching glands in a fibrous stroma."
                        : "As mentioned, there are branching glands."));
    Path out = folder.resolve("enhanced");
    PreparationReport report =
        run(
            out,
            Captioning.open(
                settings(CaptionTask.ENHANCE, table, Boilerplate.STRIP, Optional.empty()), agent));
    assertThat(report.funnel().kept()).isEqualTo(1);
    assertThat(report.funnel().rejected())
        .containsEntry("no-image", 1L)
        .containsEntry("unreadable-image", 1L);
    assertThat(lines(out.resolve("captions.jsonl")).getFirst().path("caption").asText())
        .isEqualTo("Branching glands in a fibrous stroma.");
    assertThat(Files.readString(out.resolve("ledger.jsonl"))).contains("known of it: glands");
  }

  @Test
  void aListThatIsShortOrSaysAThingTwiceIsAskedForAgain() throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("projects.csv"), "project,words\nTCGA-BRCA,breast\nTCGA-COAD,colon\n");
    var settings =
        new CaptionSettings(
            CaptionTask.ATTRIBUTES,
            Optional.of(table),
            Optional.empty(),
            Optional.empty(),
            new Columns(Optional.of("project"), "image", "words", "project"),
            Optional.empty(),
            Answers.JSON,
            Optional.empty(),
            Optional.of(new Span(2, 2)),
            Optional.empty(),
            100,
            2,
            Boilerplate.KEEP,
            Optional.empty(),
            2);
    String one = "An H&E image of single cells, in files";
    String two = "An H&E image of pools of mucin";
    Agent agent =
        AgentFixture.agent(
            service -> service,
            false,
            asked ->
                "{\"attributes\": [\"%s\", \"%s\"]}"
                    .formatted(
                        one, asked.contains("twice") || asked.contains("breast") ? two : one));
    Path out = folder.resolve("attributes");
    assertThat(run(out, Captioning.open(settings, agent)).funnel().kept()).isEqualTo(2);
    assertThat(Files.readString(out.resolve("attributes.csv")))
        .isEqualTo(
            "text,project\n\"%1$s\",TCGA-BRCA\n%2$s,TCGA-BRCA\n\"%1$s\",TCGA-COAD\n%2$s,TCGA-COAD\n"
                .formatted(one, two));
    assertThat(JSON.readTree(out.resolve("captions.json").toFile()).path("asked_again").asInt())
        .isEqualTo(1);
  }

  @Test
  void whoSeesNothingDescribesNothing() {
    Agent blind = AgentFixture.agent(service -> service, false, asked -> "");
    assertThatThrownBy(
            () ->
                Captioning.open(
                    settings(CaptionTask.DESCRIBE, TABLE, Boilerplate.KEEP, Optional.empty()),
                    blind))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("sees no picture");
  }
}
