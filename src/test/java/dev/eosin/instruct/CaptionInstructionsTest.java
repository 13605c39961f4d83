package dev.eosin.instruct;

import static dev.eosin.instruct.InstructionFixture.CLOSED;
import static dev.eosin.instruct.InstructionFixture.FIELDS;
import static dev.eosin.instruct.InstructionFixture.GENERATED;
import static dev.eosin.instruct.InstructionFixture.OPEN;
import static dev.eosin.instruct.InstructionFixture.asker;
import static dev.eosin.instruct.InstructionFixture.captions;
import static dev.eosin.instruct.InstructionFixture.json;
import static dev.eosin.instruct.InstructionFixture.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.caption.LlmClient;
import dev.eosin.caption.LlmEndpoint;
import dev.eosin.config.DataException;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.QuestionSetSettings;
import dev.eosin.data.settings.QuestionSetSettings.Layout;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.prepare.PreparationContract;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationReport.End;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps.Service;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Questions out of captions and labels, by every way.
class CaptionInstructionsTest extends PreparationContract {
  private static final String ALL = FIELDS + GENERATED + OPEN + CLOSED;

  @TempDir private Path folder;

  @Override
  protected RowPreparation preparation(UnaryOperator<Service> outside) {
    return new CaptionInstructions(captions(ALL), new RandomKey(7), asker(outside));
  }

  private PreparationReport make(String yaml) throws DataException {
    var preparation =
        new CaptionInstructions(captions(yaml), new RandomKey(7), asker(service -> service));
    return InstructionFixture.run(folder, preparation);
  }

  @Test
  void everyRowAndEveryQuestionThatIsLeftOutHasItsReason() throws IOException {
    PreparationReport report = make(FIELDS + GENERATED);

    assertThat(report.funnel().rejected())
        .containsExactly(
            Map.entry("no-image", 1L),
            Map.entry("no-caption-or-label", 1L),
            Map.entry("not-drawn", 0L),
            Map.entry("silent", 1L),
            Map.entry("unparsable", 1L),
            Map.entry("nothing-left", 3L),
            Map.entry("failed", 0L));
    assertThat(Files.readString(folder.resolve("page.html")))
        .contains(
            "3 of 10 rows are kept", "Left out, nothing-left: 3", "Which structures are visible?")
        .doesNotContain("not-drawn: 0");
    assertThat(lines(folder.resolve("question-rejects.jsonl")))
        .extracting(one -> one.path("key").asText() + " " + one.path("reason").asText())
        .containsExactly(
            "a speaks-of-the-text",
            "6 cut-short",
            "g duplicate",
            "g duplicate",
            "g speaks-of-the-text",
            "h date",
            "h speaks-of-the-text",
            "h too-few-pairs",
            "i duplicate",
            "i too-few-pairs",
            "j speaks-of-the-text");
    JsonNode counts = json(folder.resolve("instructions.json"));
    assertThat(counts.path("questions").asInt()).isEqualTo(6);
    assertThat(counts.path("images").asInt()).isEqualTo(3);
    assertThat(counts.at("/generated/captions").asInt()).isEqualTo(8);
    assertThat(counts.at("/generated/yes").asInt()).isEqualTo(3);
    assertThat(counts.at("/generated/no").asInt()).isZero();
    assertThat(counts.at("/generated/rejected/duplicate").asInt()).isEqualTo(3);
  }

  @Test
  void theWholeAnswersAreKeptAsCloversScriptWritesThem() throws IOException {
    make(FIELDS + GENERATED);

    List<JsonNode> raw = lines(folder.resolve("generated.jsonl"));
    assertThat(raw).hasSize(8);
    assertThat(raw.getFirst().path("QA").asText()).contains("question: \"Which structures");
    assertThat(raw.getFirst().path("path").asText()).isEqualTo("a.png");
    assertThat(raw.getFirst().path("caption").asText()).startsWith("Tumour nests");
    assertThat(raw.get(5).path("caption").asText()).contains("H&E");
  }

  @Test
  void dataReadsThemAsCloversSet() throws IOException {
    make(ALL);

    Path images = Files.createDirectory(folder.resolve("images"));
    for (String name : List.of("a", "d", "e", "f", "h", "i", "j")) {
      Files.createFile(images.resolve(name + ".png"));
    }
    Source source =
        Sources.open(
            new QuestionSetSettings(
                folder.resolve("instructions.jsonl"), Layout.CLOVER, Optional.of(images)),
            new ImageDecoder());
    List<JsonNode> written = lines(folder.resolve("instructions.jsonl"));
    assertThat(source.size()).isEqualTo(written.size()).isPositive();
    for (int i = 0; i < written.size(); i++) {
      var content = (QuestionAnswer) source.get(i).content();
      assertThat(content.question()).isEqualTo(written.get(i).path("question").asText());
      assertThat(content.answer()).isEqualTo(written.get(i).path("answer").asText());
    }
  }

  /// Half of what is stated is true, whatever the label, and what is false is another group's.
  @Test
  void closedQuestionsAreTrueInHalfOfTheCasesForEveryLabel() throws IOException {
    String[] labels = {"TUM", "TUM", "TUM", "ADI", "MUS"};
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      table.append(
          "{\"id\": %d, \"image\": \"%d.png\", \"tissue\": \"%s\", \"slide\": \"s%d\"}%n"
              .formatted(i, i, labels[i % labels.length], i % 17));
    }
    Path file = Files.writeString(folder.resolve("labels.jsonl"), table);
    make(
        "type: captions\npath: %s\nlabel: tissue\ngroup: slide\n".formatted(file)
            + "closed: { questions: ['Is there {label}?', 'Is {label} seen?'] }");

    Map<String, int[]> byStated = new HashMap<>();
    for (JsonNode one : lines(folder.resolve("instructions.jsonl"))) {
      String own = labels[one.path("key").asInt() % labels.length];
      String stated = one.path("question").asText().replaceAll(".*(TUM|ADI|MUS).*", "$1");
      boolean yes = one.path("answer").asText().equals("yes");
      assertThat(yes).isEqualTo(stated.equals(own));
      byStated.computeIfAbsent(stated, _ -> new int[2])[yes ? 1 : 0]++;
    }
    double yes = byStated.values().stream().mapToInt(counts -> counts[1]).sum() / 3_000.0;
    assertThat(yes).isBetween(0.47, 0.53);
    // A label that is frequent is stated falsely as often as it can be: of 2 in 5 that are others.
    int[] tumours = Objects.requireNonNull(byStated.get("TUM"));
    assertThat(tumours[1]).isBetween(810, 990);
    assertThat(tumours[0]).isBetween(400, 640);
    assertThat(Objects.requireNonNull(byStated.get("ADI"))[0]).isBetween(360, 640);
  }

  @Test
  void aMixDrawsAsManyCaptionsAsItTakesAndKeepsItsShares() throws IOException {
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      table.append(
          "{\"id\": %d, \"image\": \"%d.png\", \"caption\": \"Nests of type %d.\"}%n"
              .formatted(i, i, i));
    }
    Path file = Files.writeString(folder.resolve("many.jsonl"), table);
    PreparationReport report =
        make(
            "type: captions\npath: %s\n".formatted(file)
                + "mix: { questions: 101, generated: 0.5, open: 0.25, closed: 0.25 }\n"
                + "generated: { llm: { model: m }, pairs-expected: 2 }\n"
                + OPEN
                + "closed: { questions: ['Is this right: {caption}'] }\n");

    JsonNode counts = json(folder.resolve("instructions.json"));
    assertThat(counts.path("questions").asInt()).isEqualTo(101);
    assertThat(counts.at("/generated/wanted").asInt()).isEqualTo(50);
    assertThat(counts.at("/generated/captions").asInt()).isEqualTo(25);
    assertThat(counts.at("/open/questions").asInt()).isEqualTo(26);
    assertThat(counts.at("/closed/questions").asInt()).isEqualTo(25);
    assertThat(report.spent().calls()).isEqualTo(25);
    assertThat(report.funnel().rejected().get("not-drawn")).isGreaterThan(300);
  }

  @Test
  void tablesThatCannotServeAreRefusedBeforeAnythingIsAsked() throws IOException {
    Path alike = folder.resolve("alike.jsonl");
    String row = "{\"id\": %d, \"image\": \"%d.png\", \"caption\": \"x\", \"tissue\": \"TUM\"}%n";
    Files.writeString(alike, row.formatted(1, 1) + row.formatted(2, 2));
    String head = "type: captions\npath: %s\nlabel: tissue\n".formatted(alike);
    assertThatThrownBy(() -> make(head + GENERATED + CLOSED))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(alike + ": closed questions can state nothing false");
    assertThatThrownBy(() -> make(head + "caption: text\n" + GENERATED))
        .hasMessageContaining("line 1, key '1'")
        .hasMessageContaining(
            "field 'text' is missing, expected a text or null; name the right one by instructions.caption; the row has id, ");
    assertThatThrownBy(() -> make(head + "label-names: { ADI: fat }\n" + CLOSED))
        .hasMessageContaining("the label 'TUM' has no text; label-names has ADI");
    Files.writeString(alike, "{\"id\": 1, \"image\": \"1.png\", \"caption\": \"\"}\n");
    assertThatThrownBy(() -> make("type: captions\npath: %s\n".formatted(alike) + GENERATED))
        .hasMessageContaining("no row has an image and what 'generated' needs");
  }

  @Test
  void aServiceThatIsOffLineEndsTheRunAndLosesNothing() throws IOException {
    CaptionInstructionSettings settings =
        captions(FIELDS + "generated: { llm: { model: m, attempts: 1, timeout: 5 s } }");
    LlmEndpoint nobody = LlmEndpoint.of("http://127.0.0.1:1/v1", Optional.empty());
    var client = new LlmClient(settings.asks().orElseThrow(), nobody);
    var work = new PreparationSettings(1, Failed.OPEN, 3, Limits.NONE);
    try (var preparation =
        new CaptionInstructions(settings, new RandomKey(7), Optional.of(client))) {
      PreparationReport report =
          new PreparationRun(folder, preparation, work, 7).run(progress -> {}, () -> false);
      assertThat(report.end()).isEqualTo(End.FAILING);
      assertThat(report.funnel().open()).isPositive();
      assertThat(report.notes().getFirst()).contains("captions.jsonl: line 1, key 'a', failed");
    }
    assertThat(folder.resolve("instructions.jsonl")).doesNotExist();
    assertThat(make(FIELDS + "generated: { llm: { model: m } }").funnel().open()).isZero();
  }
}
