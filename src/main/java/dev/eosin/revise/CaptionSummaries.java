package dev.eosin.revise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowView;
import dev.eosin.prepare.Rows;
import dev.eosin.random.RandomKey;
import dev.eosin.text.ClipTokenizer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Shortens captions by rules to what CLIP reads, and writes them as conversations of text alone,
/// of which a language model learns to do the same.
public final class CaptionSummaries implements RowPreparation {
  static final String SUMMARIES = "summaries.jsonl";
  static final String STATISTICS = "summaries.json";

  private static final String NO_CAPTION = "no-caption";
  private static final String NOTHING_FITS = "nothing-fits";

  private final SummarySettings settings;
  private final Lexicon lexicon;
  private final ExtractiveSummary rules;
  private final CaptionSurvey.Passes passes;

  /// @param key of the run
  /// @throws DataException when there is no such lexicon, or no such data
  public CaptionSummaries(SummarySettings settings, RandomKey key) throws DataException {
    this.settings = settings;
    lexicon = Lexicon.named(settings.lexicon());
    rules = new ExtractiveSummary(new Terms(lexicon), ClipTokenizer.load(), settings.context());
    passes = CaptionRows.of(settings.captions(), key);
  }

  @Override
  public Rows rows() throws DataException {
    return passes.open();
  }

  @Override
  public Map<String, String> pins() {
    Map<String, String> pins = new TreeMap<>();
    settings.captions().pins().forEach((name, value) -> pins.put("summaries." + name, value));
    pins.put("summaries.lexicon", Digest.of(lexicon.toString()));
    pins.put("summaries.context", String.valueOf(settings.context()));
    pins.put("summaries.prompt", settings.prompt());
    return pins;
  }

  @Override
  public List<String> reasons() {
    return List.of(NO_CAPTION, NOTHING_FITS);
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps) {
    String caption = GoodCaption.of(row).caption();
    if (caption.isEmpty()) {
      return new Outcome.Rejected(NO_CAPTION, "the row has no caption");
    }
    Optional<String> summary = rules.of(caption);
    return summary.isPresent()
        ? new Outcome.Kept(JsonNodeFactory.instance.objectNode().put("summary", summary.get()))
        : new Outcome.Rejected(
            NOTHING_FITS, "%d ids in one clause".formatted(rules.length(caption)));
  }

  @Override
  public Optional<RowView> view() {
    return Optional.of(
        new RowView(
            settings.captions().title("Summaries"),
            RowPictures.none(),
            row -> GoodCaption.of(row).caption(),
            (_, result) -> result.path("summary").asText()));
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return new Written(outputs.jsonLines(SUMMARIES), outputs.open(STATISTICS));
  }

  /// Writes rows and what is known of all of them.
  private final class Written implements Assembly {
    private final Outputs.Lines lines;
    private final OutputStream statistics;
    private final SummaryTally tally = new SummaryTally(rules);

    private Written(Outputs.Lines lines, OutputStream statistics) {
      this.lines = lines;
      this.statistics = statistics;
    }

    @Override
    public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
      GoodCaption good = GoodCaption.of(row);
      String summary = result.path("summary").asText();
      Set<String> before = rules.values(good.caption());
      long left = rules.values(summary).size();
      int ids = rules.length(summary);
      ObjectNode line = JsonNodeFactory.instance.objectNode().put("id", good.key());
      line.put("tile", good.image()).put("caption", good.caption()).put("summary", summary);
      line.put("ids", ids).put("facts", before.size()).put("facts-kept", left);
      ArrayNode talk = line.putArray("conversations");
      talk.addObject().put("from", "human").put("value", settings.prompt() + good.caption());
      talk.addObject().put("from", "gpt").put("value", summary);
      lines.write(line);
      tally.add(good.caption(), summary);
      return Optional.empty();
    }

    @Override
    public void finish() throws IOException {
      String figures = tally.json().toPrettyString() + "\n";
      statistics.write(figures.getBytes(StandardCharsets.UTF_8));
    }
  }
}
