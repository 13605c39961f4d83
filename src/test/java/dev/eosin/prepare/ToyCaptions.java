package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.eosin.config.DataException;
import dev.eosin.prepare.RowSteps.Answer;
import dev.eosin.prepare.RowSteps.Service;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A preparation as small as one can be that does everything once: rewrites captions with a
/// service, asks again where the answer is of no use, measures what it got, and leaves out captions
/// that are short, refused, or like an earlier one.
///
/// @param table one object a line, `id` and `caption`
/// @param prompt what the service is told
/// @param service rewrites captions
record ToyCaptions(Path table, String prompt, Service service) implements RowPreparation {
  private static final List<String> STYLES = List.of("a sentence", "a list", "a question");
  private static final Cost MOST = Cost.ofCall(100, 0.01);

  @Override
  public Rows rows() throws DataException {
    return Rows.table(table, "id", Map.of());
  }

  @Override
  public Map<String, String> pins() {
    return Map.of("prompt", prompt);
  }

  @Override
  public List<String> reasons() {
    return List.of("too-short", "refused", "duplicate");
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    String caption = row.content().path("caption").asText();
    if (!caption.contains(" ")) {
      return new Outcome.Rejected("too-short", caption);
    }
    String style = STYLES.get(steps.random("style").nextInt(STYLES.size()));
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    request.put("prompt", prompt).put("style", style).put("caption", caption);
    JsonNode answer = steps.ask("rewrite", request, MOST, service);
    if (answer.path("text").asText().isEmpty()) {
      answer = steps.ask("insist", request.deepCopy().put("again", true), MOST, service);
    }
    String text = answer.path("text").asText();
    if (text.isEmpty()) {
      return new Outcome.Rejected("refused", answer.toString());
    }
    JsonNode words =
        steps.compute("words", () -> JsonNodeFactory.instance.numberNode(text.split(" ").length));
    return new Outcome.Kept(
        JsonNodeFactory.instance.objectNode().put("text", text).set("words", words));
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    Outputs.Lines captions = outputs.jsonLines("captions.jsonl");
    Set<String> seen = new HashSet<>();
    return (row, result) -> {
      String text = result.path("text").asText();
      if (!seen.add(text)) {
        return Optional.of(new Outcome.Rejected("duplicate", text));
      }
      ObjectNode line = JsonNodeFactory.instance.objectNode().put("id", row.key());
      captions.write(line.setAll((ObjectNode) result));
      return Optional.empty();
    };
  }

  /// Has no answer to some captions, or only if asked twice, and breaks off within a character.
  static Answer answer(JsonNode request) {
    String caption = request.path("caption").asText();
    boolean useless =
        caption.startsWith("Benign") || caption.startsWith("Necrosis") && !request.has("again");
    String text =
        useless ? "" : "%s: %s".formatted(request.path("style").asText(), shortened(caption));
    ObjectNode answer = JsonNodeFactory.instance.objectNode().put("text", text);
    answer.set("finish", TextNode.valueOf(useless ? "filtered" : "stop"));
    return new Answer(answer, Cost.ofCall(caption.length(), 0.001 * caption.length()));
  }

  private static String shortened(String caption) {
    int emoji = caption.indexOf("\ud83d");
    return emoji < 0 ? caption.split(";", -1)[0] : caption.substring(0, emoji + 1);
  }
}
