package dev.eosin.captioning;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.caption.Agent;
import dev.eosin.caption.Agent.Said;
import dev.eosin.captioning.AnswerReader.Reading;
import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.prepare.Fields;
import dev.eosin.prepare.NumberedRows;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowFields;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.Rows;
import dev.eosin.prepare.SourceRows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Asks a language model for a text of each row, again where its answer is of no use, and keeps
/// whatever it said.
public final class Captioning implements RowPreparation {
  static final String NO_IMAGE = "no-image";
  static final String UNREADABLE = "unreadable-image";
  static final String NO_TEXT = "no-text";
  static final String SAME = "said-of-too-many";

  /// The fields of a row's result.
  static final String SAID = "said";

  static final String TEXTS = "texts";
  static final String STRIPPED = "stripped";

  private final CaptionSettings settings;
  private final Agent agent;
  private final Optional<Source> source;
  private final RowPictures pictures;
  private final AnswerReader reader;

  private Captioning(
      CaptionSettings settings, Agent agent, Optional<Source> source, RowPictures pictures) {
    this.settings = settings;
    this.agent = agent;
    this.source = source;
    this.pictures = pictures;
    this.reader = new AnswerReader(settings);
  }

  /// Opens the rows.
  ///
  /// @param agent is asked; closed with this
  /// @throws DataException when the source is faulty, or images are to be told by who sees none
  public static Captioning open(CaptionSettings settings, Agent agent) throws DataException {
    if (settings.task().looks() && !agent.seesImages()) {
      throw new DataException(
          "by: sees no picture, and whatever it said of one would be made up; name a model that"
              + " does");
    }
    ImageDecoder decoder = new ImageDecoder();
    Optional<Source> source =
        settings.source().isPresent()
            ? Optional.of(Sources.open(settings.source().get(), decoder))
            : Optional.empty();
    RowPictures pictures =
        source
            .map(RowPictures::of)
            .orElseGet(
                () -> RowPictures.files(folder(settings), settings.columns().image(), decoder));
    return new Captioning(settings, agent, source, pictures);
  }

  private static Path folder(CaptionSettings settings) {
    return settings
        .images()
        .orElseGet(() -> settings.table().orElseThrow().toAbsolutePath().getParent());
  }

  @Override
  public Rows rows() throws DataException {
    CaptionSettings.Columns columns = settings.columns();
    if (source.isPresent()) {
      return new SourceRows(
          source.get(),
          new RowFields("id", columns.image(), columns.text(), columns.group()),
          !settings.task().reads());
    }
    Path table = settings.table().orElseThrow();
    String first = settings.task().reads() ? columns.text() : columns.image();
    return columns.key().isPresent()
        ? Rows.table(table, columns.key().get(), Map.of())
        : new NumberedRows(Rows.table(table, first, Map.of()), "captions.columns.key");
  }

  @Override
  public Map<String, String> pins() {
    Map<String, String> pins = new TreeMap<>(settings.pins());
    source.ifPresent(data -> pins.put("captions.source", data.fingerprint()));
    agent.pins().forEach((name, value) -> pins.put("by." + name, value));
    return pins;
  }

  @Override
  public List<String> reasons() {
    List<String> reasons = new ArrayList<>(List.of(NO_IMAGE, UNREADABLE, NO_TEXT));
    reasons.addAll(AnswerReader.FLAWS);
    reasons.add(SAME);
    return reasons;
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    String text = "";
    if (settings.task().reads()) {
      text = Fields.text(row, settings.columns().text(), "captions.columns.text").strip();
      if (text.isEmpty()) {
        return new Outcome.Rejected(
            NO_TEXT, "the row's " + settings.columns().text() + " is empty");
      }
    }
    List<RgbImage> images = new ArrayList<>();
    if (settings.task().looks()) {
      try {
        Optional<Sample.ImageReader> image = pictures.of(row);
        if (image.isEmpty()) {
          return new Outcome.Rejected(NO_IMAGE, "the row names no image");
        }
        images.add(image.get().read().toRgb());
      } catch (IOException | IllegalArgumentException e) {
        return new Outcome.Rejected(UNREADABLE, AtomicFile.reason(e));
      }
    }
    return new Outcome.Kept(said(row, images, CaptionPrompt.of(settings, text), steps));
  }

  /// What was said in each attempt, until an answer was of use.
  private ObjectNode said(Row row, List<RgbImage> images, String prompt, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ArrayNode attempts = result.putArray(SAID);
    String asked = prompt;
    for (int attempt = 1; attempt <= settings.attempts(); attempt++) {
      String step = attempt == 1 ? "ask" : "ask " + attempt;
      Said said =
          agent.said(
              steps,
              step,
              new Question(row.key(), images, asked, List.of(), settings.mostTokens()));
      ObjectNode told = attempts.addObject().put("text", said.text()).put("finish", said.finish());
      switch (reader.read(said)) {
        case Reading.Good(List<String> texts, List<String> stripped) -> {
          texts.forEach(result.putArray(TEXTS)::add);
          stripped.forEach(result.putArray(STRIPPED)::add);
          return result;
        }
        case Reading.Useless(String flaw, String detail) -> {
          told.put("flaw", flaw).put("detail", detail);
          asked = CaptionPrompt.again(prompt, attempt, detail);
        }
      }
    }
    return result;
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return new CaptioningAssembly(settings, pictures, outputs);
  }

  @Override
  public void close() {
    agent.close();
  }
}
