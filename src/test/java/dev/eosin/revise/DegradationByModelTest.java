package dev.eosin.revise;

import static dev.eosin.revise.ReviseFixture.TABLE;
import static dev.eosin.revise.ReviseFixture.degrade;
import static dev.eosin.revise.ReviseFixture.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.PreparationContract;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps.Answer;
import dev.eosin.prepare.RowSteps.Service;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Captions that a language model degrades.
class DegradationByModelTest extends PreparationContract {
  private static final String YAML =
      TABLE + "clean: 0.2\noperations: { several: 4 }\nllm: { service: { model: m } }\n";

  @TempDir private Path folder;

  // The contract makes hundreds of preparations.
  private final List<Lexicon> read = new ArrayList<>();

  @Override
  protected RowPreparation preparation(UnaryOperator<Service> outside) {
    try {
      if (read.isEmpty()) {
        read.add(Lexicon.shipped(Lexicon.PATHOLOGY));
      }
      RandomKey key = new RandomKey(7);
      return new CaptionDegradation(degrade(YAML), read.getFirst(), key, asker(outside));
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CaptionDegradation.Asker asker(UnaryOperator<Service> outside) {
    return (steps, step, question) -> {
      ObjectNode request = JsonNodeFactory.instance.objectNode().put("asked", question.text());
      Cost free = Cost.ofCall(0, 0);
      Service model = asked -> new Answer(completion(asked.path("asked").asText()), free);
      return steps.ask(step, request, free, outside.apply(model));
    };
  }

  /// A model that answers in prose about livers, forgets all but the first mistake asked for in
  /// lungs and breasts, and obeys otherwise.
  private static JsonNode completion(String asked) {
    String kinds = asked.lines().findFirst().orElseThrow().replace("Mistakes: ", "");
    String caption = asked.substring(asked.indexOf("Caption: ") + 9);
    List<String> planned = List.of(kinds.split(", "));
    StringBuilder list = new StringBuilder();
    int word = 0;
    for (String kind : caption.matches("(?s).*(lung|breast).*") ? planned.subList(0, 1) : planned) {
      list.append(list.isEmpty() ? "" : ", ");
      String words = caption.split(" ")[word++];
      list.append(
          switch (kind) {
            case "add" -> "{\"operation\": \"add\", \"text\": \"Mucin is seen.\"}";
            case "delete" ->
                "{\"operation\": \"delete\", \"text\": \"%s\"}"
                    .formatted(caption.substring(caption.indexOf(". ") + 1));
            default ->
                "{\"operation\": \"modify\", \"from\": \"%s\", \"to\": \"Not %s\"}"
                    .formatted(words, words);
          });
    }
    String said = caption.contains("liver") ? "I see a liver." : "Here: [" + list + "] Good luck.";
    ObjectNode answer = new ObjectMapper().createObjectNode();
    answer.putArray("choices").addObject().putObject("message").put("content", said);
    return answer;
  }

  @Test
  void whatItSaidIsKeptAndWhatCannotBeUsedIsLeftOutWithItsReason() throws IOException {
    PreparationReport report = ReviseFixture.run(folder, preparation(service -> service));
    assertThat(report.funnel().rejected())
        .hasEntrySatisfying("unparsable", count -> assertThat(count).isPositive())
        .hasEntrySatisfying("not-as-asked", count -> assertThat(count).isPositive());
    List<JsonNode> raw = lines(folder.resolve("generated.jsonl"));
    long left =
        report.funnel().rejected().getOrDefault("unparsable", 0L)
            + report.funnel().rejected().getOrDefault("not-as-asked", 0L);
    List<DegradedRow> rows = DegradedRow.read(folder.resolve(DegradedRow.FILE));
    long edited = rows.stream().filter(row -> !row.operations().edits().isEmpty()).count();
    assertThat(edited).isPositive();
    assertThat(raw).hasSize((int) (edited + left));
    for (DegradedRow row : rows) {
      assertThat(row.corrections().apply(row.corrupted())).isEqualTo(row.target());
      assertThat(row.corrupted()).doesNotContain(".Mucin");
    }
  }

  @Test
  void answersAreReadWhateverStandsAroundThem() {
    var planned = List.of(CaptionEdit.Operation.MODIFY);
    String list =
        "```json\n[{\"operation\": \"modify\", \"from\": \"pink\", \"to\": \"blue\"}]\n```";
    assertThat(DegradePrompt.read(list, planned, "all pink"))
        .isEqualTo(
            new DegradePrompt.Read.Edited(
                new CaptionEdits(List.of(new CaptionEdit.Modify(4, "pink", "blue", "")))));
    assertThat(DegradePrompt.read(list, planned, "all red"))
        .isInstanceOfSatisfying(
            DegradePrompt.Read.Unusable.class,
            one -> assertThat(one.detail()).contains("'pink' is not in 'all red'"));
    assertThat(DegradePrompt.read("[{", planned, "x")).extracting("reason").isEqualTo("unparsable");
    assertThat(DegradePrompt.read("[]", planned, "x"))
        .extracting("reason")
        .isEqualTo("not-as-asked");
  }

  @Test
  void settingsThatSayAThingTwiceAreRefused() {
    assertThatThrownBy(() -> degrade(TABLE + "llm: { service: { model: m, system: Hello. } }\n"))
        .hasMessageContaining("what the model is told is prompt here");
    assertThatThrownBy(() -> degrade(TABLE + "llm: { service: { model: m }, prompt: ' ' }\n"))
        .hasMessageContaining("llm.prompt  is empty");
  }
}
