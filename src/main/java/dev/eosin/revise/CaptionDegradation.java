package dev.eosin.revise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.caption.LlmClient;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowView;
import dev.eosin.prepare.Rows;
import dev.eosin.random.RandomKey;
import dev.eosin.revise.CaptionEdit.Operation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Makes rows of a good caption, a degraded one, and the exact edits between them, for models that
/// revise. What a language model said is read only when the files are written.
public final class CaptionDegradation implements RowPreparation {
  static final String NO_CAPTION = "no-caption";
  static final String FEW_TERMS = "too-few-terms";
  static final String FEW_STATEMENTS = "too-few-statements";
  static final String UNPARSABLE = "unparsable";
  static final String NOT_AS_ASKED = "not-as-asked";

  private static final String STEP = "degrade";

  private final DegradeSettings settings;
  private final RandomKey key;
  private final Lexicon lexicon;
  private final Optional<LlmClient> client;
  private final Asker asker;
  private @Nullable Opened opened;

  private record Opened(CaptionSurvey.Passes passes, CaptionSurvey survey, RuleDegrader rules) {}

  /// Asks a language model as a step of a row.
  @FunctionalInterface
  interface Asker {
    JsonNode ask(RowSteps steps, String step, Question question)
        throws RowFailedException, IOException, InterruptedException;
  }

  /// @param key of the run
  /// @param client asks; closed with this; empty where rules degrade
  /// @throws DataException when the lexicon cannot be read
  public CaptionDegradation(DegradeSettings settings, RandomKey key, Optional<LlmClient> client)
      throws DataException {
    this(
        settings,
        Lexicon.named(settings.lexicon()),
        key,
        client,
        (steps, step, question) -> client.orElseThrow().ask(steps, step, question));
  }

  CaptionDegradation(DegradeSettings settings, Lexicon lexicon, RandomKey key, Asker asker) {
    this(settings, lexicon, key, Optional.empty(), asker);
  }

  private CaptionDegradation(
      DegradeSettings settings,
      Lexicon lexicon,
      RandomKey key,
      Optional<LlmClient> client,
      Asker asker) {
    this.settings = settings;
    this.key = key;
    this.lexicon = lexicon;
    this.client = client;
    this.asker = asker;
  }

  /// What captions cannot serve is said before anything is recorded or asked.
  @Override
  public Rows rows() throws DataException {
    return opened().passes().open();
  }

  private synchronized Opened opened() throws DataException {
    Opened known = opened;
    if (known == null) {
      CaptionSurvey.Passes passes = CaptionRows.of(settings.captions(), key);
      CaptionSurvey survey = CaptionSurvey.of(lexicon, settings.operations(), key, passes);
      known = new Opened(passes, survey, new RuleDegrader(survey, lexicon.statements()));
      opened = known;
    }
    return known;
  }

  @Override
  public Map<String, String> pins() {
    Map<String, String> pins = new TreeMap<>();
    settings.captions().pins().forEach((name, value) -> pins.put("degrade." + name, value));
    pins.put("degrade.lexicon", Digest.of(lexicon.toString()));
    pins.put("degrade.clean", String.valueOf(settings.clean()));
    pins.put("degrade.operations", settings.operations().toString());
    settings
        .llm()
        .ifPresent(
            llm -> llm.asked().pins().forEach((name, value) -> pins.put("degrade." + name, value)));
    return pins;
  }

  @Override
  public List<String> reasons() {
    return List.of(NO_CAPTION, FEW_TERMS, FEW_STATEMENTS, UNPARSABLE, NOT_AS_ASKED);
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    GoodCaption good = GoodCaption.of(row);
    if (good.caption().isEmpty()) {
      return new Outcome.Rejected(NO_CAPTION, "the row has no caption");
    }
    Opened known = opened();
    ReadCaption read = known.survey().read(good);
    Optional<CaptionSurvey.Obstacle> obstacle = known.survey().obstacle(read);
    if (obstacle.isPresent()) {
      return new Outcome.Rejected(obstacle.get().reason(), obstacle.get().detail());
    }
    DegradePlan plan =
        DegradePlan.draw(
            read,
            settings.clean(),
            settings.operations(),
            lexicon.statements(),
            steps.random("plan"));
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    if (settings.llm().isPresent() && !plan.operations().isEmpty()) {
      return new Outcome.Kept(asked(plan, good, steps, result));
    }
    CaptionEdits edits = known.rules().edits(plan, good, read, steps.random("words"));
    return new Outcome.Kept(result.set("operations", edits.json()));
  }

  private ObjectNode asked(DegradePlan plan, GoodCaption good, RowSteps steps, ObjectNode result)
      throws RowFailedException, IOException, InterruptedException {
    int most = settings.llm().orElseThrow().service().maxTokens();
    String text = DegradePrompt.question(plan, good.caption());
    JsonNode answer =
        asker.ask(steps, STEP, new Question(good.key(), List.of(), text, List.of(), most));
    ArrayNode planned = result.putArray("planned");
    plan.operations().forEach(operation -> planned.add(operation.name()));
    return result.put("said", LlmClient.text(answer));
  }

  /// What a language model was to do.
  static List<Operation> planned(JsonNode result) {
    return result
        .path("planned")
        .valueStream()
        .map(one -> Operation.valueOf(one.asText()))
        .toList();
  }

  @Override
  public Optional<RowView> view() {
    return Optional.of(
        new RowView(
            settings.captions().title("Captions that are degraded"),
            RowPictures.none(),
            row -> GoodCaption.of(row).caption(),
            CaptionDegradation::degraded));
  }

  /// As it reads with its mistakes.
  private static String degraded(Row row, JsonNode result) {
    String caption = GoodCaption.of(row).caption();
    if (!result.has("said")) {
      return CaptionEdits.of(result.path("operations")).apply(caption);
    }
    return switch (DegradePrompt.read(result.path("said").asText(), planned(result), caption)) {
      case DegradePrompt.Read.Edited(CaptionEdits edits) -> edits.apply(caption);
      case DegradePrompt.Read.Unusable(String reason, String detail) -> reason + ": " + detail;
    };
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return new DegradeAssembly(
        settings.captions().title("Degraded captions"), outputs, settings.llm().isPresent());
  }

  @Override
  public void close() {
    client.ifPresent(LlmClient::close);
  }
}
