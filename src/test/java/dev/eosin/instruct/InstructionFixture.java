package dev.eosin.instruct;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps.Answer;
import dev.eosin.prepare.RowSteps.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Settings, and a model that answers by rules.
final class InstructionFixture {
  static final Path TABLE = Path.of("src/test/resources/instruct/captions.jsonl");
  static final String FIELDS =
      """
      type: captions
      path: %s
      label: tissue
      label-names: { TUM: tumour, ADI: fat, MUS: muscle, LYM: lymphocytes, MUC: mucin, NOR: normal mucosa }
      group: slide
      """
          .formatted(TABLE);
  static final String GENERATED = "generated: { llm: { model: m }, least-pairs: 2 }\n";
  static final String OPEN = "open: { questions: ['What is seen?', Describe the image.] }\n";
  static final String CLOSED =
      "closed: { questions: ['Is there {label}?', 'Does it show {label}?'] }\n";

  private static final ObjectMapper JSON = new ObjectMapper();

  private InstructionFixture() {}

  static InstructionSettings bound(String yaml) {
    // At the root of a document the key that chooses is 'kind'.
    String root = yaml.replaceFirst("^type:", "kind:");
    RecipeFile recipe = RecipeFile.parse(Path.of("test.yaml"), root, List.of(), Map.of());
    return Binder.bind(recipe, InstructionSettings.class);
  }

  static CaptionInstructionSettings captions(String yaml) {
    return (CaptionInstructionSettings) bound(yaml);
  }

  /// @param outside stands before the model
  static CaptionInstructions.Asker asker(UnaryOperator<Service> outside) {
    return (steps, step, question) -> {
      ObjectNode request = JsonNodeFactory.instance.objectNode().put("caption", question.text());
      Service model = asked -> new Answer(completion(asked), Cost.ofCall(0, 0));
      return steps.ask(step, request, Cost.ofCall(0, 0), outside.apply(model));
    };
  }

  private static JsonNode completion(JsonNode asked) {
    String caption = asked.path("caption").asText();
    String text =
        switch (caption.split(":", 2)[0]) {
          case "Refuse" -> "";
          case "Prose" -> "The tissue is muscle, and well preserved.";
          case "Alike" -> "question: \"What?\"\nanswer: Glands.\nquestion: What?\nanswer: More.";
          default ->
              """
              question: "Which structures are visible?"
              answer: "%s"
              Question: Is there a tumour?
              Answer: Yes, in nests.
              question: What does the caption say?
              answer: Nothing more."""
                  .formatted(caption);
        };
    ObjectNode answer = JSON.createObjectNode();
    ObjectNode choice = answer.putArray("choices").addObject();
    choice.putObject("message").put("content", text);
    choice.put("finish_reason", caption.startsWith("Long") ? "length" : "stop");
    return answer;
  }

  static PreparationReport run(Path folder, RowPreparation preparation) throws DataException {
    var settings = new PreparationSettings(3, Failed.OPEN, 50, Limits.NONE);
    return new PreparationRun(folder, preparation, settings, 7).run(progress -> {}, () -> false);
  }

  static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  static JsonNode json(Path file) throws IOException {
    return JSON.readTree(Files.readString(file));
  }
}
