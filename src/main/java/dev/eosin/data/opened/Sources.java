package dev.eosin.data.opened;

import dev.eosin.config.Checked;
import dev.eosin.config.DataException;
import dev.eosin.data.Refusals;
import dev.eosin.data.Source;
import dev.eosin.data.folders.FolderMetadata;
import dev.eosin.data.folders.FolderSource;
import dev.eosin.data.folders.TextFilesSource;
import dev.eosin.data.json.JsonSource;
import dev.eosin.data.json.JsonTable;
import dev.eosin.data.json.RecaptionedSource;
import dev.eosin.data.parquet.ParquetSource;
import dev.eosin.data.questions.QuestionSets;
import dev.eosin.data.settings.CaptionConversationsSettings;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.FolderSettings;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.JsonSettings;
import dev.eosin.data.settings.LlavaJsonSettings;
import dev.eosin.data.settings.MixtureSettings;
import dev.eosin.data.settings.ParquetSettings;
import dev.eosin.data.settings.PathGenJsonSettings;
import dev.eosin.data.settings.QuestionSetSettings;
import dev.eosin.data.settings.RecaptionedSettings;
import dev.eosin.data.settings.SideSettings;
import dev.eosin.data.settings.SlidesSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.SplitSettings;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.data.settings.WebDatasetSettings;
import dev.eosin.data.slides.SlidesSource;
import dev.eosin.data.synthetic.FactCaptions;
import dev.eosin.data.synthetic.FactConversations;
import dev.eosin.data.synthetic.FactDialogues;
import dev.eosin.data.synthetic.FactQuestions;
import dev.eosin.data.synthetic.SyntheticSource;
import dev.eosin.data.tables.CsvSource;
import dev.eosin.data.tables.CsvTable;
import dev.eosin.data.webdataset.WebDatasetSource;
import dev.eosin.image.formats.ImageDecoder;

/// Opens what a recipe names as data.
public final class Sources {
  private Sources() {}

  /// @param decoder reads the images of sources that hold files
  /// @throws DataException when the data is missing or faulty, saying what and where
  public static Source open(SourceSettings settings, ImageDecoder decoder) throws DataException {
    return open(settings, decoder, Refusals.THROWN);
  }

  /// As above.
  ///
  /// @param refusals hears of what could be looked at without, and of what is missing then
  static Source open(SourceSettings settings, ImageDecoder decoder, Refusals refusals)
      throws DataException {
    CuratedManifest.check(settings);
    return switch (settings) {
      case FolderSettings folder ->
          switch (folder.captions()) {
            case TEMPLATES -> FolderSource.open(folder, decoder);
            case TEXT_FILES -> TextFilesSource.open(folder, decoder);
            case METADATA -> open(FolderMetadata.table(folder), decoder, refusals);
          };
      case CsvSettings csv -> CsvSource.open(csv, decoder, refusals);
      case WebDatasetSettings shards -> WebDatasetSource.open(shards, decoder);
      case JsonSettings json -> JsonSource.open(JsonTable.of(json, decoder));
      case JsonLinesSettings lines -> JsonSource.open(JsonTable.of(lines, decoder));
      case LlavaJsonSettings llava -> JsonSource.open(JsonTable.of(llava, decoder));
      case PathGenJsonSettings pathGen -> JsonSource.open(JsonTable.of(pathGen, decoder));
      case ParquetSettings parquet -> ParquetSource.open(parquet, decoder);
      case QuestionSetSettings questions -> QuestionSets.open(questions, decoder);
      case CaptionConversationsSettings captions -> QuestionSets.open(captions, decoder);
      case RecaptionedSettings other ->
          RecaptionedSource.open(other, open(other.source(), decoder, refusals));
      case SlidesSettings slides -> SlidesSource.open(slides);
      case SyntheticSettings synthetic -> drawn(synthetic);
      case MixtureSettings _ ->
          throw new IllegalArgumentException("type: mixture is made of sources that open by name");
      case SplitSettings _ ->
          throw new IllegalArgumentException("type: split is a part of another source");
    };
  }

  private static Source drawn(SyntheticSettings settings) {
    return switch (settings.facts()) {
      case NATURAL -> new SyntheticSource(settings);
      case INDEPENDENT ->
          switch (settings.says()) {
            case CAPTIONS, FINDINGS -> new FactCaptions(settings);
            case QUESTIONS -> new FactQuestions(settings);
            case CONVERSATIONS -> new FactConversations(settings);
            case DIALOGUES -> new FactDialogues(settings);
          };
    };
  }

  /// Rows of a table, whatever is in them; images are not looked for.
  ///
  /// @throws DataException when the file cannot be read as a table
  public static long rows(CsvSettings settings) throws DataException {
    return CsvTable.open(settings.path(), settings.separator().charAt(0), settings.quotes())
        .rowCount();
  }

  /// What no two sides of a run's data may be.
  static void checkSides(SideSettings sides, Checked.Findings findings) {
    if (sides.train() instanceof SplitSettings) {
      findings.add("train.type", "a split is taken out of data.train; write it as data.validation");
    }
    if (sides.validation().orElse(null) instanceof MixtureSettings) {
      findings.add(
          "validation.type", "a mixture is for data.train; every sample is evaluated once");
    }
  }
}
