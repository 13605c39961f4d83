package dev.eosin.revise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.caption.Agent;
import dev.eosin.caption.EmptyPhrases;
import dev.eosin.checkpoint.Quote;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.image.RgbImage;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowView;
import dev.eosin.prepare.Rows;
import dev.eosin.text.CaptionText;
import dev.eosin.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// PathGen's chain over tiles: one model describes a tile, one revises what was said, one shortens
/// it to what a text tower reads. What each said is kept whatever comes of it, and is read only
/// when the files are written. After a refusal nobody is asked on.
public final class AgentChain implements RowPreparation {
  static final String DESCRIBE = "describe";
  static final String REVISE = "revise";
  static final String SUMMARISE = "summarise";
  static final String UNREADABLE = "unreadable-image";
  static final String NO_CAPTION = "no-caption";
  static final String SILENT = "silent";
  static final String REFUSED = "refused";
  static final String REVISE_UNPARSABLE = "revise-unparsable";
  static final String TOO_LONG = "too-long";

  private final Source tiles;
  private final Optional<Step> describe;
  private final Optional<Step> revise;
  private final Optional<Shortening> summarise;

  /// A step of the chain with the model that does it.
  public record Step(AgentStep settings, Agent agent) {}

  /// The last step.
  ///
  /// @param tokenizer counts what the text tower reads
  /// @param context ids that it reads, start and end of text among them
  /// @param attempts how often a summary that is too long is asked for
  /// @param facts the words that count as facts, of which is told how many are kept
  public record Shortening(
      Step step, Tokenizer tokenizer, int context, int attempts, Lexicon facts) {
    boolean fits(String summary) {
      return tokenizer.untruncatedLength(summary) <= context;
    }

    SummaryTally tally() {
      return new SummaryTally(new ExtractiveSummary(new Terms(facts), tokenizer, context));
    }
  }

  /// @param tiles images with or without captions
  /// @param describe empty where the tiles' own captions are taken
  /// @param revise empty where nothing is revised
  /// @param summarise empty where nothing is shortened
  public AgentChain(
      Source tiles,
      Optional<Step> describe,
      Optional<Step> revise,
      Optional<Shortening> summarise) {
    this.tiles = tiles;
    this.describe = describe;
    this.revise = revise;
    this.summarise = summarise;
  }

  @Override
  public Rows rows() {
    return new Rows() {
      private long index;

      @Override
      public Optional<Row> next() {
        if (index == tiles.size()) {
          return Optional.empty();
        }
        Sample tile = tiles.get(index);
        ObjectNode content = JsonNodeFactory.instance.objectNode().put("index", index++);
        String caption = tile.texts().isEmpty() ? "" : CaptionText.cleaned(tile.texts().getFirst());
        content.put("caption", describe.isPresent() ? "" : caption);
        return Optional.of(new Row(tile.key(), tile.key(), content));
      }

      @Override
      public void close() {
        // Nothing is held open.
      }
    };
  }

  @Override
  public Map<String, String> pins() {
    Map<String, String> pins = new TreeMap<>();
    pins.put("agents.tiles", tiles.fingerprint());
    describe.ifPresent(step -> add(pins, DESCRIBE, step));
    revise.ifPresent(step -> add(pins, REVISE, step));
    summarise.ifPresent(
        last -> {
          add(pins, SUMMARISE, last.step());
          pins.put("agents.summarise.context", String.valueOf(last.context()));
          pins.put("agents.summarise.attempts", String.valueOf(last.attempts()));
        });
    return pins;
  }

  private static void add(Map<String, String> pins, String name, Step step) {
    String at = "agents." + name + ".";
    pins.put(at + "prompt", step.settings().prompt());
    pins.put(at + "most-tokens", String.valueOf(step.settings().mostTokens()));
    pins.put(at + "answers", step.settings().answers().word());
    step.agent().pins().forEach((key, value) -> pins.put(at + key, value));
  }

  @Override
  public List<String> reasons() {
    return List.of(UNREADABLE, NO_CAPTION, SILENT, REFUSED, REVISE_UNPARSABLE, TOO_LONG);
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    List<RgbImage> images;
    try {
      images = images(tiles.get(row.content().path("index").asLong()));
    } catch (IOException e) {
      return new Outcome.Rejected(UNREADABLE, String.valueOf(e.getMessage()));
    }
    return new Outcome.Kept(said(row, images, steps));
  }

  /// Decoded only where a step looks at it.
  private List<RgbImage> images(Sample tile) throws IOException {
    List<RgbImage> images = new ArrayList<>();
    boolean looked =
        describe.filter(step -> step.agent().seesImages()).isPresent()
            || revise.filter(step -> step.agent().seesImages()).isPresent();
    if (looked) {
      for (Sample.ImageReader image : tile.images()) {
        images.add(image.read().toRgb());
      }
    }
    return images;
  }

  /// What every step said, as far as the chain gets.
  private ObjectNode said(Row row, List<RgbImage> images, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    ObjectNode said = JsonNodeFactory.instance.objectNode();
    String caption = row.content().path("caption").asText();
    if (describe.isPresent()) {
      caption = ask(describe.get(), DESCRIBE, row, images, "", steps);
      said.put(DESCRIBE, caption);
      if (EmptyPhrases.refusal(caption).isPresent()) {
        return said;
      }
    }
    if (revise.isPresent() && !caption.isEmpty()) {
      said.put(REVISE, ask(revise.get(), REVISE, row, images, caption, steps));
      caption = revised(caption, said);
      if (EmptyPhrases.refusal(caption).isPresent()) {
        return said;
      }
    }
    if (summarise.isPresent() && !caption.isEmpty()) {
      summarise(summarise.get(), row, caption, steps, said);
    }
    return said;
  }

  private static String ask(
      Step step, String name, Row row, List<RgbImage> images, String caption, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    List<RgbImage> shown = step.agent().seesImages() ? images : List.of();
    String text = step.settings().asked(caption);
    int most = step.settings().mostTokens();
    return step.agent().ask(steps, name, new Question(row.key(), shown, text, List.of(), most));
  }

  /// Shortens from what was revised, or from what it said last where that is still too long.
  private static void summarise(
      Shortening last, Row row, String caption, RowSteps steps, ObjectNode said)
      throws RowFailedException, IOException, InterruptedException {
    String summary = caption;
    var all = said.putArray(SUMMARISE);
    for (int attempt = 1; attempt <= last.attempts(); attempt++) {
      String name = attempt == 1 ? SUMMARISE : SUMMARISE + " " + attempt;
      summary = ask(last.step(), name, row, List.of(), summary, steps);
      all.add(summary);
      if (summary.isEmpty() || EmptyPhrases.refusal(summary).isPresent() || last.fits(summary)) {
        return;
      }
    }
  }

  /// What a description is after it was revised; empty where that cannot be read.
  private String revised(String described, JsonNode said) {
    String answer = said.path(REVISE).asText();
    return switch (revise.orElseThrow().settings().answers()) {
      case TEXT -> answer;
      case EDITS -> applied(answer, described).orElse("");
    };
  }

  /// The edits that an answer lists, applied; empty where it is no list, or speaks of other words.
  static Optional<String> applied(String answer, String caption) {
    int from = answer.indexOf('[');
    int to = answer.lastIndexOf(']');
    try {
      return from < 0 || to < from
          ? Optional.empty()
          : Optional.of(
              CaptionEdits.located(DegradedRow.json(answer.substring(from, to + 1)), caption)
                  .apply(caption));
    } catch (IllegalArgumentException unreadable) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<RowView> view() {
    return Optional.of(
        new RowView(
            "Captions of a chain of models",
            row -> tiles.get(row.content().path("index").asLong()).images().stream().findFirst(),
            row -> row.content().path("caption").asText(),
            (row, said) -> links(row, said).summary()));
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return new AgentAssembly(outputs, this);
  }

  /// What came of each step, in their order, for the files.
  Links links(Row row, JsonNode said) {
    String own = row.content().path("caption").asText();
    String described = describe.isPresent() ? said.path(DESCRIBE).asText() : own;
    String revised =
        revise.isPresent() && !described.isEmpty() ? revised(described, said) : described;
    JsonNode all = said.path(SUMMARISE);
    String summary = all.isEmpty() ? revised : all.get(all.size() - 1).asText();
    return new Links(described, revised, summary);
  }

  /// Counts summaries; empty where none are made.
  Optional<SummaryTally> tally() {
    return summarise.map(Shortening::tally);
  }

  /// @param described what was described, or the tile's own caption
  /// @param revised after it was revised
  /// @param summary after it was shortened
  record Links(String described, String revised, String summary) {}

  /// Why nothing comes of a tile; empty where something does.
  Optional<Outcome.Rejected> reject(Links links, JsonNode said) {
    if (links.described().isEmpty()) {
      return Optional.of(
          describe.isPresent()
              ? new Outcome.Rejected(SILENT, DESCRIBE)
              : new Outcome.Rejected(NO_CAPTION, "the tile has no caption, and none describes it"));
    }
    Optional<Outcome.Rejected> refused = refused(links, said);
    if (refused.isPresent()) {
      return refused;
    }
    if (links.revised().isEmpty()) {
      String answer = said.path(REVISE).asText();
      return Optional.of(
          answer.isEmpty()
              ? new Outcome.Rejected(SILENT, REVISE)
              : new Outcome.Rejected(REVISE_UNPARSABLE, Quote.line(answer)));
    }
    if (links.summary().isEmpty()) {
      return Optional.of(new Outcome.Rejected(SILENT, SUMMARISE));
    }
    return summarise
        .filter(last -> !last.fits(links.summary()))
        .map(
            last ->
                new Outcome.Rejected(
                    TOO_LONG,
                    "%d ids, expected at most %d"
                        .formatted(
                            last.tokenizer().untruncatedLength(links.summary()), last.context())));
  }

  /// The first step that refused.
  private Optional<Outcome.Rejected> refused(Links links, JsonNode said) {
    Map<String, String> texts = new LinkedHashMap<>();
    describe.ifPresent(_ -> texts.put(DESCRIBE, links.described()));
    revise.ifPresent(
        _ -> {
          // What refuses is no list of edits, of which nothing comes.
          boolean nothing = links.revised().isEmpty();
          texts.put(REVISE, nothing ? said.path(REVISE).asText() : links.revised());
        });
    summarise.ifPresent(_ -> texts.put(SUMMARISE, links.summary()));
    return texts.entrySet().stream()
        .filter(step -> EmptyPhrases.refusal(step.getValue()).isPresent())
        .findFirst()
        .map(
            step ->
                new Outcome.Rejected(
                    REFUSED, "%s: %s".formatted(step.getKey(), Quote.line(step.getValue()))));
  }

  /// A model that does several steps is closed once.
  @Override
  public void close() {
    Stream.of(describe, revise, summarise.map(Shortening::step))
        .flatMap(Optional::stream)
        .map(Step::agent)
        .distinct()
        .forEach(Agent::close);
  }
}
