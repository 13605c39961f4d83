package dev.eosin.revise;

import static dev.eosin.revise.AgentFixture.agent;
import static dev.eosin.revise.AgentFixture.tiles;
import static dev.eosin.revise.ReviseFixture.json;
import static dev.eosin.revise.ReviseFixture.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.caption.Agent;
import dev.eosin.data.Source;
import dev.eosin.eval.Answerer;
import dev.eosin.prepare.PreparationContract;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationReport.End;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps.Service;
import dev.eosin.revise.AgentChain.Shortening;
import dev.eosin.revise.AgentChain.Step;
import dev.eosin.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models that describe, revise and shorten, one after the other.
class AgentChainTest extends PreparationContract {
  private static final Source TILES =
      tiles(
          "tiles/TCGA-1.A_32_64.png", "pink stroma",
          "TCGA-1.A_64_64.png", "blue glands in a row",
          "bad.png", "nothing",
          "refuse.png", "refuse",
          "long.png", "long winded words about very much indeed",
          "other.png", "prose");

  private static final Lexicon FACTS =
      new Lexicon(
          new Lexicon.Statements("sentences", List.of()),
          List.of(new Lexicon.TermClass("stain", List.of("purple", "blue"))));

  @TempDir private Path folder;

  /// Describes nothing, as the tiles' captions do, so that the contract's hundreds of runs are few
  /// questions each.
  @Override
  protected RowPreparation preparation(UnaryOperator<Service> outside) {
    return new AgentChain(
        TILES,
        Optional.empty(),
        Optional.of(
            new Step(revise(AgentStep.Form.TEXT), agent(outside, true, AgentChainTest::said))),
        Optional.of(shorten(outside)));
  }

  private static Shortening shorten(UnaryOperator<Service> outside) {
    var step = new AgentStep("Shorten: {caption}", 20, AgentStep.Form.TEXT);
    return new Shortening(
        new Step(step, agent(outside, false, AgentChainTest::said)), new Words(), 6, 2, FACTS);
  }

  private static AgentStep revise(AgentStep.Form answers) {
    return new AgentStep("Revise: {caption}", 20, answers);
  }

  /// Revises pink to purple, drops the last word where it shortens, and refuses some.
  private static String said(String text) {
    String caption = text.substring(text.indexOf(": ") + 2);
    if (caption.contains("refuse")) {
      return "";
    }
    return text.startsWith("Shorten")
        ? caption.replaceFirst(" [^ ]*$", "")
        : caption.replace("pink", "purple");
  }

  /// An id for each word, besides start and end.
  private record Words() implements Tokenizer {
    @Override
    public int[] encode(String text, int contextLength) {
      return new int[Math.min(contextLength, untruncatedLength(text))];
    }

    @Override
    public int untruncatedLength(String text) {
      return text.split(" ").length + 2;
    }

    @Override
    public int paddingId() {
      return 0;
    }

    @Override
    public int vocabularySize() {
      return 1;
    }
  }

  @Test
  void pathGensJsonHasWhatIsLeftAndEveryIntermediateIsKept() throws IOException {
    PreparationReport report = ReviseFixture.run(folder, preparation(service -> service));
    assertThat(report.funnel().rejected())
        .containsExactly(
            Map.entry("unreadable-image", 1L),
            Map.entry("no-caption", 0L),
            Map.entry("silent", 1L),
            Map.entry("refused", 0L),
            Map.entry("revise-unparsable", 0L),
            Map.entry("too-long", 1L),
            Map.entry("failed", 0L));
    JsonNode written = json(folder.resolve("pathgen.json"));
    assertThat(written).hasSize(3);
    assertThat(Files.readString(folder.resolve("page.html")))
        .contains("3 of 6 rows are kept", "Left out, too-long: 1", "blue glands in a");
    assertThat(written.get(0).toString())
        .isEqualTo(
            "{\"wsi_id\":\"TCGA-1.A\",\"position\":[\"32\",\"64\"],\"image\":\"tiles/TCGA-1.A_32_64.png\",\"caption\":\"purple\"}");
    assertThat(written.get(1).path("caption").asText()).isEqualTo("blue glands in a");
    assertThat(written.get(2).has("position")).isFalse();

    List<JsonNode> steps = lines(folder.resolve("agents.jsonl"));
    assertThat(steps).hasSize(5);
    assertThat(steps.getFirst().path("described").asText()).isEqualTo("pink stroma");
    assertThat(steps.getFirst().path("revised").asText()).isEqualTo("purple stroma");
    JsonNode tooLong = steps.get(3);
    assertThat(tooLong.path("rejected").asText()).isEqualTo("too-long");
    assertThat(tooLong.at("/said/summarise")).hasSize(2);
    assertThat(tooLong.at("/said/summarise/1").asText()).isEqualTo("long winded words about very");
    JsonNode summaries = json(folder.resolve("agents.json")).path("summaries");
    assertThat(summaries.path("rows").asInt()).isEqualTo(4);
    assertThat(summaries.path("fit").asInt()).isEqualTo(3);
    assertThat(summaries.path("facts").asInt()).isEqualTo(2);
    assertThat(summaries.path("facts-kept").asInt()).isEqualTo(2);
    assertThat(summaries.path("facts-added").asInt()).isZero();
    assertThat(steps.get(2).path("rejected").asText()).isEqualTo("silent");
  }

  @Test
  void aDescriptionIsRevisedByEditsAndWhatIsNoneIsLeftOut() throws IOException {
    Agent describes = agent(service -> service, true, text -> "dense pink glands");
    Agent revises =
        agent(
            service -> service,
            true,
            text -> "I see: [{\"operation\": \"modify\", \"from\": \"pink\", \"to\": \"blue\"}]");
    Agent prose = agent(service -> service, true, text -> "It is all right.");
    var step = new AgentStep("Describe.", 9, AgentStep.Form.TEXT);
    for (Agent second : List.of(revises, prose)) {
      Path out = folder.resolve(second == prose ? "prose" : "edits");
      var chain =
          new AgentChain(
              TILES,
              Optional.of(new Step(step, describes)),
              Optional.of(new Step(revise(AgentStep.Form.EDITS), second)),
              Optional.empty());
      PreparationReport report = ReviseFixture.run(out, chain);
      assertThat(report.funnel().kept()).isEqualTo(second == prose ? 0 : 5);
      assertThat(report.funnel().rejected())
          .containsEntry("revise-unparsable", second == prose ? 5L : 0L);
      JsonNode written = json(out.resolve("pathgen.json"));
      assertThat(written).hasSize(second == prose ? 0 : 5);
      assertThat(written.findValuesAsText("caption")).allMatch("dense blue glands"::equals);
    }
    assertThat(AgentChain.applied("[]", "as it is")).contains("as it is");
    assertThatThrownBy(() -> new AgentStep(" ", 1, AgentStep.Form.TEXT))
        .hasMessageContaining("prompt: is empty");
  }

  @Test
  void whoRefusesIsLeftOutAndNobodyIsAskedOn() throws IOException {
    String no = "I am sorry, I cannot see the image.";
    for (String who : List.of(AgentChain.DESCRIBE, AgentChain.REVISE, AgentChain.SUMMARISE)) {
      AtomicInteger asked = new AtomicInteger();
      UnaryOperator<Service> counted =
          service ->
              request -> {
                asked.incrementAndGet();
                return service.ask(request);
              };
      Path out = folder.resolve(who);
      var chain =
          new AgentChain(
              TILES,
              Optional.of(new Step(step("Describe."), refusing(counted, who, "describe"))),
              Optional.of(new Step(revise(AgentStep.Form.TEXT), refusing(counted, who, "revise"))),
              Optional.of(
                  new Shortening(
                      new Step(step("Shorten: {caption}"), refusing(counted, who, "summarise")),
                      new Words(),
                      6,
                      2,
                      FACTS)));
      PreparationReport report = ReviseFixture.run(out, chain);
      assertThat(report.funnel().rejected()).as(who).containsEntry("refused", 5L);
      assertThat(report.funnel().kept()).isZero();
      assertThat(Files.readString(out.resolve("rejects.jsonl"))).contains(who + ": " + no);
      assertThat(json(out.resolve("agents.json")).at("/summaries/rows").asInt()).isZero();
      int steps = List.of("describe", "revise", "summarise").indexOf(who) + 1;
      assertThat(asked).as(who).hasValue(5 * steps);
    }
  }

  private static AgentStep step(String prompt) {
    return new AgentStep(prompt, 20, AgentStep.Form.TEXT);
  }

  private static Agent refusing(UnaryOperator<Service> outside, String who, String step) {
    String no = "I am sorry, I cannot see the image.";
    return agent(outside, true, text -> step.equals(who) ? no : "pink glands");
  }

  @Test
  void aModelThatDoesSeveralStepsIsClosedOnce() {
    AtomicInteger closed = new AtomicInteger();
    Answerer model = (question, pieces) -> new Answerer.Answer("", List.of());
    var both =
        new Step(
            revise(AgentStep.Form.TEXT), Agent.local(model, Map.of(), closed::incrementAndGet));
    new AgentChain(TILES, Optional.of(both), Optional.of(both), Optional.empty()).close();
    assertThat(closed).hasValue(1);
  }

  @Test
  void aModelOfThisMachineIsAskedOnceWhateverIsRunAgain() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger closed = new AtomicInteger();
    Answerer model =
        (question, pieces) -> {
          asked.incrementAndGet();
          if (question.id().startsWith("other") && asked.get() < 6) {
            throw new IOException(question.id() + ": no answer yet");
          }
          return new Answerer.Answer(
              "  %d pictures ".formatted(question.images().size()), List.of());
        };
    for (End end : List.of(End.ROWS_OPEN, End.FINISHED)) {
      var step = new AgentStep("Describe.", 9, AgentStep.Form.TEXT);
      try (var chain =
          new AgentChain(
              TILES,
              Optional.of(
                  new Step(
                      step, Agent.local(model, Map.of("sha256", "1"), closed::incrementAndGet))),
              Optional.empty(),
              Optional.empty())) {
        assertThat(ReviseFixture.run(folder, chain).end()).isEqualTo(end);
      }
    }
    assertThat(asked).hasValue(6);
    assertThat(closed).hasValue(2);
    assertThat(Files.readString(folder.resolve("ledger.jsonl"))).contains("2 x 1, sha256 ");
    assertThat(json(folder.resolve("pathgen.json")).findValuesAsText("caption"))
        .hasSize(5)
        .allMatch("1 pictures"::equals);
  }
}
