package dev.eosin.curate;

import dev.eosin.caption.Agent;
import dev.eosin.config.DataException;
import dev.eosin.curate.rules.Prepared;
import dev.eosin.curate.steps.CurationModels;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.curate.steps.CurationStep;
import dev.eosin.curate.steps.CurationStep.Language;
import dev.eosin.curate.steps.JudgedStep;
import dev.eosin.curate.steps.StepFiles;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.prepare.NumberedRows;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.Rows;
import dev.eosin.prepare.SourceRows;
import dev.eosin.text.LanguageDetection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Takes the rows of a table through a list of steps, and writes those that are left, why the
/// others are not, and a page that shows some of both.
///
/// Steps that look at one row alone are done on many threads; those that look at rows beside each
/// other in row order when the results are written ([CurationAssembly]). What comes out is as if
/// every row had gone through the steps one after the other.
public final class Curation implements RowPreparation {
  /// What people look at.
  public static final String PAGE = "page.html";

  private final CurationSettings settings;
  private final Optional<Source> source;
  private final RowPictures pictures;
  private final RowJudge judge;
  private final Map<Integer, Agent> agents;
  private final CurationModels models;
  private final Map<String, String> files;

  private Curation(
      CurationSettings settings,
      Optional<Source> source,
      RowPictures pictures,
      Map<Integer, Agent> agents,
      Map<String, String> files,
      CurationModels models)
      throws DataException {
    this.settings = settings;
    this.source = source;
    this.pictures = pictures;
    this.agents = agents;
    this.files = files;
    this.models = models;
    this.judge = new RowJudge(settings, pictures, languages(settings), agents);
  }

  /// Opens what rows are read from and judged with.
  ///
  /// @throws DataException when the source is faulty, or a language is not known
  public static Curation open(CurationSettings settings) throws DataException {
    return open(settings, CurationModels.none());
  }

  /// Opens also what steps ask and compute with.
  ///
  /// @param models closed with this
  /// @throws DataException when the source is faulty, a language is not known, or files or models
  ///   of steps are missing
  public static Curation open(CurationSettings settings, CurationModels models)
      throws DataException {
    Map<String, String> files = new TreeMap<>();
    for (CurationStep step : settings.steps()) {
      StepFiles.of(step).forEach((name, digest) -> files.put("curate." + name, digest));
    }
    return open(settings, models, files);
  }

  /// Opens what [#judged] needs, where files lie elsewhere that other steps read.
  ///
  /// @throws DataException when the source is faulty, or a language is not known
  public static Curation judging(CurationSettings settings) throws DataException {
    return open(settings, CurationModels.none(), Map.of());
  }

  private static Curation open(
      CurationSettings settings, CurationModels models, Map<String, String> files)
      throws DataException {
    ImageDecoder decoder = new ImageDecoder();
    Optional<Source> source =
        settings.source().isPresent()
            ? Optional.of(Sources.open(settings.source().get(), decoder))
            : Optional.empty();
    RowPictures pictures =
        source
            .map(RowPictures::of)
            .orElseGet(
                () ->
                    RowPictures.files(
                        settings
                            .images()
                            .orElseGet(() -> settings.table().orElseThrow().resolveSibling("")),
                        settings.columns().image(),
                        decoder));
    return new Curation(settings, source, pictures, agents(settings, models), files, models);
  }

  private static Map<Integer, Agent> agents(CurationSettings settings, CurationModels models)
      throws DataException {
    Map<Integer, Agent> agents = new TreeMap<>();
    for (int i = 0; i < settings.steps().size(); i++) {
      if (settings.steps().get(i) instanceof JudgedStep step) {
        try {
          Agent agent = models.agent(step.by(), step.mostTokens());
          if (step.looks() && !agent.seesImages()) {
            throw new DataException(
                "curate.steps: the model of %s sees no picture; name one that does"
                    .formatted(step.title()));
          }
          agents.put(i, agent);
        } catch (DataException e) {
          throw e;
        } catch (IOException e) {
          throw new DataException(
              "curate.steps: %s: %s".formatted(step.title(), AtomicFile.reason(e)), e);
        }
      }
    }
    return agents;
  }

  private static Optional<LanguageDetection> languages(CurationSettings settings)
      throws DataException {
    Optional<LanguageDetection> languages = Optional.empty();
    for (CurationStep step : settings.steps()) {
      if (step instanceof Language language) {
        languages = languages.isPresent() ? languages : Optional.of(LanguageDetection.load());
        for (String name : language.keep()) {
          if (!languages.get().languages().contains(name)) {
            throw new DataException(
                "curate.steps: language '%s' is not known; write it as ISO 639-3 has it, such as eng or deu; known are %s"
                    .formatted(
                        name,
                        String.join(" ", languages.get().languages().stream().sorted().toList())));
          }
        }
      }
    }
    return languages;
  }

  @Override
  public Rows rows() throws DataException {
    if (source.isPresent()) {
      return new SourceRows(source.get(), settings.columns().fields());
    }
    Optional<String> key = settings.columns().key();
    return key.isPresent()
        ? Rows.table(table(), key.get(), Map.of())
        : new NumberedRows(
            Rows.table(table(), settings.columns().image(), Map.of()), "curate.columns.key");
  }

  private Path table() {
    return settings.table().orElseThrow();
  }

  @Override
  public Map<String, String> pins() {
    Map<String, String> pins = new TreeMap<>();
    pins.put("curate.columns", settings.columns().toString());
    pins.put("curate.steps", settings.steps().toString());
    pins.put("curate.format", settings.format() + " " + settings.shardRows());
    pins.put("curate.carry", settings.carry().toString());
    pins.put("curate.shown", Integer.toString(settings.shown()));
    source.ifPresent(data -> pins.put("curate.source", data.fingerprint()));
    if (settings.steps().stream().anyMatch(Language.class::isInstance)) {
      pins.put("curate.languages", LanguageDetection.MODEL);
    }
    agents.forEach(
        (step, agent) ->
            agent
                .pins()
                .forEach((name, value) -> pins.put("curate.judge." + step + "." + name, value)));
    pins.putAll(files);
    return pins;
  }

  @Override
  public List<String> reasons() {
    return settings.reasons();
  }

  /// Rows are left out when the results are written, so that each is left out by the first step of
  /// the list that does, whatever that step looks at.
  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    return new Outcome.Kept(judge.judge(row, Optional.of(steps)).json());
  }

  /// Takes a row through the steps that look at it alone, of a list that asks no model. Thread
  // safe.
  /// @throws DataException when the row lacks a field
  public Prepared judged(Row row) throws IOException, InterruptedException {
    try {
      return judge.judge(row, Optional.empty());
    } catch (RowFailedException e) {
      throw new IllegalStateException("only models fail", e);
    }
  }

  /// What steps ask and compute with; closed with this.
  public CurationModels models() {
    return models;
  }

  /// Where the images of rows are.
  RowPictures pictures() {
    return pictures;
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return new CurationAssembly(settings, pictures, models, outputs);
  }

  @Override
  public void close() {
    models.close();
  }
}
