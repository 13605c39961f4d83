package dev.eosin.caption;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowSteps.Service;
import dev.eosin.prepare.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A small preparation that pays for its answers: describes pictures, and asks once more where it
/// got nothing.
///
/// @param table one object a line, `id`, `about` and `size`
record DescribedTiles(
    Path table, LlmSettings settings, LlmClient client, UnaryOperator<Service> outside)
    implements RowPreparation {
  @Override
  public Rows rows() throws DataException {
    return Rows.table(table, "id", Map.of());
  }

  @Override
  public Map<String, String> pins() {
    return settings.pins();
  }

  @Override
  public List<String> reasons() {
    return List.of("refused");
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    int size = row.content().path("size").asInt(8);
    Question question =
        new Question(
            row.key(),
            List.of(LlmFixture.picture(size, 8)),
            "Describe %s.".formatted(row.content().path("about").asText()),
            List.of(),
            50);
    JsonNode first = client.ask(steps, "describe", question, outside);
    if (!LlmClient.text(first).isEmpty()) {
      return kept(LlmClient.text(first));
    }
    Question again =
        new Question(row.key(), List.of(), question.text() + " Please.", List.of(), 50);
    String text = LlmClient.text(client.ask(steps, "insist", again, outside));
    return text.isEmpty() ? new Outcome.Rejected("refused", LlmClient.finish(first)) : kept(text);
  }

  private static Outcome kept(String text) {
    return new Outcome.Kept(JsonNodeFactory.instance.objectNode().put("text", text));
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    Outputs.Lines lines = outputs.jsonLines("described.jsonl");
    return (row, result) -> {
      ObjectNode line = JsonNodeFactory.instance.objectNode().put("id", row.key());
      lines.write(line.setAll((ObjectNode) result));
      return Optional.empty();
    };
  }
}
