package dev.eosin.caption;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.answers.AnswersFile;
import dev.eosin.eval.asking.AskingPlan;
import dev.eosin.eval.asking.Picture;
import dev.eosin.eval.asking.PlannedAnswer;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.Rows;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// Asks a service everything that is planned, and writes its answers as a file of answers. Every
/// answer is durable with its request before it is used, so that none is paid for twice.
public final class AskedQuestions implements RowPreparation {
  /// The file of answers.
  public static final String ANSWERS = "answers.jsonl";

  private static final String STEP = "answer";

  private final AskingPlan plan;
  private final LlmSettings settings;
  private final LlmClient client;
  private final UnaryOperator<RowSteps.Service> outside;
  private final Map<String, PlannedAnswer> byKey = new HashMap<>();

  /// @param client asks; closed by who made it
  public AskedQuestions(AskingPlan plan, LlmSettings settings, LlmClient client) {
    this(plan, settings, client, service -> service);
  }

  /// @param outside stands before the service, to watch it
  AskedQuestions(
      AskingPlan plan,
      LlmSettings settings,
      LlmClient client,
      UnaryOperator<RowSteps.Service> outside) {
    this.plan = plan;
    this.settings = settings;
    this.client = client;
    this.outside = outside;
    plan.answers().forEach(planned -> byKey.put(planned.row().key().toString(), planned));
  }

  @Override
  public Rows rows() {
    Iterator<PlannedAnswer> each = plan.answers().iterator();
    return new Rows() {
      @Override
      public Optional<Row> next() {
        return each.hasNext() ? Optional.of(row(each.next())) : Optional.empty();
      }

      @Override
      public void close() {
        // Nothing is held open.
      }
    };
  }

  private static Row row(PlannedAnswer planned) {
    String key = planned.row().key().toString();
    ObjectNode content = JsonNodeFactory.instance.objectNode().put("text", planned.text());
    content.put("picture", planned.picture().map(Picture::digest).orElse(null));
    planned.known().ifPresent(answer -> content.put("known", answer));
    return new Row(key, key, content);
  }

  /// The seed of the plan is the run's.
  @Override
  public Map<String, String> pins() {
    Map<String, String> pins = new TreeMap<>(settings.pins());
    plan.pins().forEach((name, value) -> pins.put("asking." + name, value));
    return pins;
  }

  @Override
  public List<String> reasons() {
    return List.of();
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    PlannedAnswer planned = planned(row);
    String text = planned.known().isPresent() ? planned.known().get() : asked(planned, steps);
    return new Outcome.Kept(JsonNodeFactory.instance.objectNode().put("text", text));
  }

  private PlannedAnswer planned(Row row) {
    return Objects.requireNonNull(byKey.get(row.key()), row.key());
  }

  private String asked(PlannedAnswer planned, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    var question = planned.question(plan.settings().mostTokens(), client.seesImages());
    return LlmClient.text(client.ask(steps, STEP, question, outside));
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    OutputStream out = outputs.open(ANSWERS);
    return (Row row, JsonNode result) -> {
      String text = result.path("text").asText();
      out.write(AnswersFile.line(planned(row).row().answered(text)));
      return Optional.empty();
    };
  }
}
