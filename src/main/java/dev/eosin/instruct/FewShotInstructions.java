package dev.eosin.instruct;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.EncodedImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.page.Page;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowView;
import dev.eosin.prepare.Rows;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Makes instructions of the tiles of a few slides, and a held-out set of the tiles of all others:
/// each tile's class is its answer. A tile is read by nobody: its folders say what it is.
public final class FewShotInstructions implements RowPreparation {
  static final String HELD_OUT = "held-out.jsonl";

  private static final String NOT_DRAWN = "not-drawn";

  private final FewShotSettings settings;
  private final RandomKey key;
  private @Nullable SlideDraw draw;

  /// @param key of the run
  public FewShotInstructions(FewShotSettings settings, RandomKey key) {
    this.settings = settings;
    this.key = key;
  }

  private synchronized SlideDraw draw() throws DataException {
    SlideDraw known = draw;
    if (known == null) {
      known = SlideDraw.of(settings, key);
      draw = known;
    }
    return known;
  }

  @Override
  public Rows rows() throws DataException {
    Iterator<SlideTile> each = draw().tiles().iterator();
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

  private Row row(SlideTile tile) {
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    content.put("label", tile.label()).put("slide", tile.slide());
    return new Row(tile.path(), settings.path().resolve(tile.path()).toString(), content);
  }

  @Override
  public Map<String, String> pins() {
    Map<String, String> pins = new TreeMap<>();
    pins.put("instructions.answers", settings.answers().toString());
    pins.put("instructions.questions", settings.questions().toString());
    pins.put("instructions.questions-per-tile", String.valueOf(settings.questionsPerTile()));
    pins.put("instructions.slides-per-class", String.valueOf(settings.slidesPerClass()));
    pins.put("instructions.slides", settings.slides().toString());
    settings
        .tilesPerSlide()
        .ifPresent(most -> pins.put("instructions.tiles-per-slide", String.valueOf(most)));
    return pins;
  }

  @Override
  public List<String> reasons() {
    return List.of(NOT_DRAWN);
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps) throws DataException {
    boolean trains = draw().slides().contains(row.content().path("slide").asText());
    if (trains && !draw().drawn().contains(row.key())) {
      return new Outcome.Rejected(NOT_DRAWN, "tiles-per-slide has enough of its slide");
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode().put("trains", trains);
    ArrayNode asked = result.putArray("questions");
    if (trains) {
      questions(steps.random("question")).forEach(asked::add);
    } else {
      asked.add(settings.questions().getFirst());
    }
    return new Outcome.Kept(result);
  }

  private List<String> questions(RandomStream random) {
    List<String> left = new ArrayList<>(settings.questions());
    List<String> drawn = new ArrayList<>();
    while (drawn.size() < settings.questionsPerTile()) {
      drawn.add(left.remove(random.nextInt(left.size())));
    }
    return drawn;
  }

  @Override
  public Optional<RowView> view() {
    ImageDecoder decoder = new ImageDecoder();
    return Optional.of(
        new RowView(
            Page.title("Instructions of a few slides", settings.path()),
            row -> Optional.of(EncodedImage.file(settings.path().resolve(row.key()), decoder)),
            FewShotInstructions::label,
            (row, result) ->
                "%s, %s: %s"
                    .formatted(
                        label(row),
                        result.path("trains").asBoolean() ? "training" : "held out",
                        result.path("questions").path(0).asText())));
  }

  private static String label(Row row) {
    return row.content().path("label").asText();
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    Outputs.Lines training = outputs.jsonLines(InstructionAssembly.INSTRUCTIONS);
    Outputs.Lines heldOut = outputs.jsonLines(HELD_OUT);
    OutputStream manifest = outputs.open(InstructionAssembly.MANIFEST);
    SlideCounts counts = new SlideCounts(draw());
    return new Assembly() {
      @Override
      public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
        boolean trains = result.path("trains").asBoolean();
        for (JsonNode question : result.path("questions")) {
          counts.add(trains, row.content().path("label").asText());
          (trains ? training : heldOut).write(line(row, question.asText(), !trains));
        }
        return Optional.empty();
      }

      @Override
      public void finish() throws IOException {
        String text = counts.json().toPrettyString() + "\n";
        manifest.write(text.getBytes(StandardCharsets.UTF_8));
      }
    };
  }

  private ObjectNode line(Row row, String question, boolean withOptions) {
    String label = row.content().path("label").asText();
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("question", question);
    line.put("answer", settings.answers().get(label)).put("path", row.key());
    if (withOptions) {
      settings.answers().values().forEach(line.withArray("options")::add);
    }
    return line.put("label", label).put("slide", row.content().path("slide").asText());
  }
}
