package dev.eosin.curate;

import dev.eosin.prepare.NumberedRows;
import dev.eosin.prepare.SourceRows;
import dev.eosin.prepare.RowPictures;
import dev.eosin.config.DataException;
import dev.eosin.curate.CurationStep.Language;
import dev.eosin.data.Source;
import dev.eosin.data.Sources;
import dev.eosin.image.ImageDecoder;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.Rows;
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

  private Curation(
      CurationSettings settings, Optional<Source> source, RowPictures pictures, RowJudge judge) {
    this.settings = settings;
    this.source = source;
    this.pictures = pictures;
    this.judge = judge;
  }

  /// Opens what rows are read from and judged with.
  ///
  /// @throws DataException when the source is faulty, or a language is not known
  public static Curation open(CurationSettings settings) throws DataException {
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
    return new Curation(
        settings, source, pictures, new RowJudge(settings, pictures, languages(settings)));
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
    return pins;
  }

  @Override
  public List<String> reasons() {
    return settings.reasons();
  }

  /// Rows are left out when the results are written, so that each is left out by the first step of
  /// the list that does, whatever that step looks at.
  @Override
  public Outcome prepare(Row row, RowSteps steps) throws DataException {
    return new Outcome.Kept(judge.judge(row).json());
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return new CurationAssembly(settings, pictures, outputs);
  }
}
