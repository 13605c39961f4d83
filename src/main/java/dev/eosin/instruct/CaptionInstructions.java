package dev.eosin.instruct;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.caption.LlmClient;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.page.Page;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowView;
import dev.eosin.prepare.Rows;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes questions with their answers of captions and labels, and writes them to
/// `instructions.jsonl` as CLOVER has them: `question`, `answer` and `path` (and the row's key and
/// the way that made them).
///
/// What a language model said is read only when the files are written, so that another reading of
/// it asks nobody.
public final class CaptionInstructions implements RowPreparation {
  static final String NO_IMAGE = "no-image";
  static final String NO_TEXT = "no-caption-or-label";
  static final String NOT_DRAWN = "not-drawn";
  static final String SILENT = "silent";
  static final String UNPARSABLE = "unparsable";
  static final String NOTHING_LEFT = "nothing-left";

  private static final String STEP = "generate";

  private final CaptionInstructionSettings settings;
  private final RandomKey key;
  private final Asker asker;
  private final Optional<LlmClient> client;
  private @Nullable CaptionSurvey survey;

  /// Asks a language model as a step of a row.
  @FunctionalInterface
  interface Asker {
    JsonNode ask(RowSteps steps, String step, Question question)
        throws RowFailedException, IOException, InterruptedException;
  }

  /// @param key of the run
  /// @param client asks; closed with this; empty where nothing is generated
  public CaptionInstructions(
      CaptionInstructionSettings settings, RandomKey key, Optional<LlmClient> client) {
    this.settings = settings;
    this.key = key;
    this.client = client;
    this.asker = (steps, step, question) -> client.orElseThrow().ask(steps, step, question);
  }

  CaptionInstructions(CaptionInstructionSettings settings, RandomKey key, Asker asker) {
    this.settings = settings;
    this.key = key;
    this.client = Optional.empty();
    this.asker = asker;
  }

  /// What a table cannot serve is said before anything is recorded or asked.
  @Override
  public Rows rows() throws DataException {
    survey();
    return Rows.table(settings.path(), settings.key(), settings.where());
  }

  private synchronized CaptionSurvey survey() throws DataException {
    CaptionSurvey known = survey;
    if (known == null) {
      known = CaptionSurvey.of(settings, key);
      survey = known;
    }
    return known;
  }

  @Override
  public Map<String, String> pins() {
    return InstructionPins.of(settings);
  }

  @Override
  public List<String> reasons() {
    return List.of(NO_IMAGE, NO_TEXT, NOT_DRAWN, SILENT, UNPARSABLE, NOTHING_LEFT);
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    CaptionRow said = CaptionRow.of(row, settings);
    if (said.image().isEmpty()) {
      return new Outcome.Rejected(NO_IMAGE, "the row names no image");
    }
    if (settings.ways().stream().noneMatch(way -> settings.serves(said, way))) {
      return new Outcome.Rejected(NO_TEXT, "the row has no text that a question could be made of");
    }
    Set<Way> ways = survey().ways(settings, said, row);
    if (ways.isEmpty()) {
      return new Outcome.Rejected(NOT_DRAWN, "");
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    if (ways.contains(Way.GENERATED)) {
      int most = settings.generated().orElseThrow().llm().maxTokens();
      var question = new Question(row.key(), List.of(), said.caption(), List.of(), most);
      JsonNode answer = asker.ask(steps, STEP, question);
      result.put("QA", LlmClient.text(answer)).put("finish", LlmClient.finish(answer));
    }
    ArrayNode templates = result.putArray("templates");
    for (Instruction made : templated(ways, said, steps)) {
      templates
          .addObject()
          .put("way", made.way().name())
          .put("question", made.question())
          .put("answer", made.answer());
    }
    return new Outcome.Kept(result);
  }

  private List<Instruction> templated(Set<Way> ways, CaptionRow said, RowSteps steps)
      throws DataException {
    List<Instruction> made = new ArrayList<>();
    if (ways.contains(Way.OPEN)) {
      made.addAll(
          TemplateQuestions.open(settings.open().orElseThrow(), said, steps.random("open")));
    }
    if (ways.contains(Way.CLOSED)) {
      made.addAll(
          TemplateQuestions.closed(
              settings.closed().orElseThrow(), said, survey(), steps.random("closed")));
    }
    return made;
  }

  /// A row's templates, and what the model said of it.
  @Override
  public Optional<RowView> view() {
    Path root = RowPictures.root(settings.pictures(), settings.path());
    return Optional.of(
        new RowView(
            Page.title("Instructions", settings.path()),
            RowPictures.files(root, settings.image(), new ImageDecoder()),
            this::text,
            (_, result) -> questions(result)));
  }

  private String text(Row row) {
    JsonNode content = row.content();
    String label = settings.label().map(field -> content.path(field).asText()).orElse("");
    String caption = settings.readsCaptions() ? content.path(settings.caption()).asText() : "";
    return caption.isEmpty() ? label : caption;
  }

  private static String questions(JsonNode result) {
    List<String> all = new ArrayList<>();
    for (JsonNode one : result.path("templates")) {
      all.add(one.path("question").asText() + " " + one.path("answer").asText());
    }
    if (result.has("QA")) {
      all.add(result.path("QA").asText());
    }
    return String.join(" | ", all);
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return new InstructionAssembly(settings, survey(), outputs);
  }

  @Override
  public void close() {
    client.ifPresent(LlmClient::close);
  }
}
