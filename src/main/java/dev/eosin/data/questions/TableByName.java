package dev.eosin.data.questions;

import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.json.JsonSource;
import dev.eosin.data.json.JsonTable;
import dev.eosin.data.parquet.ParquetSource;
import dev.eosin.data.settings.CsvColumns;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.JsonSettings;
import dev.eosin.data.settings.ParquetSettings;
import dev.eosin.data.settings.QuestionSetSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.data.settings.SampleLists;
import dev.eosin.data.tables.CsvSource;
import dev.eosin.data.tables.EndedImages;
import dev.eosin.data.tables.ImageFolder;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A table whose file name says how it is to be read.
///
/// @param images the folder that image paths start from
record TableByName(
    Path path,
    Optional<Path> images,
    RowFields fields,
    Map<String, String> where,
    Optional<Path> only,
    Optional<Path> without,
    Optional<String> id) {
  private static final String PICKLED_ENDING = "jpg";

  /// A set of questions; those of conversations are none of these tables.
  static TableByName of(QuestionSetSettings settings, RowFields fields) {
    return new TableByName(
        settings.path(),
        settings.images(),
        fields,
        settings.where(),
        settings.only(),
        settings.without(),
        settings.id());
  }

  /// How the file's name says that it is to be read.
  enum Format {
    JSON,
    JSON_LINES,
    COMMAS,
    TABS,
    PICKLE,
    PARQUET
  }

  static Format format(Path path) throws DataException {
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return switch (ending) {
      case "json" -> Format.JSON;
      case "jsonl" -> Format.JSON_LINES;
      case "csv" -> Format.COMMAS;
      case "tsv" -> Format.TABS;
      case "pkl", "pickle" -> Format.PICKLE;
      case "parquet" -> Format.PARQUET;
      default -> {
        if (Files.isDirectory(path)) {
          yield Format.PARQUET;
        }
        throw new DataException(
            "%s: its name does not say what it is; expected .json, .jsonl, .csv, .tsv, .pkl or"
                    .formatted(path)
                + " .parquet, or a folder of Parquet files; rename it, or take type: csv, json or"
                + " parquet with its fields");
      }
    };
  }

  /// @throws DataException as the format's own source does
  Source open(ImageDecoder decoder) throws DataException {
    return switch (format(path)) {
      case JSON -> JsonSource.open(JsonTable.of(json(), decoder));
      case JSON_LINES -> JsonSource.open(JsonTable.of(lines(), decoder));
      case COMMAS -> CsvSource.open(csv(","), decoder);
      case TABS -> CsvSource.open(csv("\t"), decoder);
      case PARQUET -> ParquetSource.open(parquet(), decoder);
      case PICKLE -> JsonSource.open(pickled(decoder));
    };
  }

  private JsonSettings json() {
    return new JsonSettings(
        path, Optional.empty(), images, fields, where, Map.of(), List.of(), only, without, id);
  }

  private JsonLinesSettings lines() {
    return new JsonLinesSettings(
        path, images, fields, where, Map.of(), List.of(), only, without, id);
  }

  private CsvSettings csv(String separator) {
    return new CsvSettings(
        path,
        separator,
        CsvSettings.Quotes.DOUBLE,
        images,
        columns(),
        where,
        Map.of(),
        List.of(),
        false,
        only,
        without,
        id);
  }

  private CsvColumns columns() {
    return new CsvColumns(
        fields.image(),
        fields.caption(),
        List.of(),
        fields.label(),
        fields.group(),
        fields.question(),
        fields.answer(),
        fields.closedAnswer(),
        fields.options(),
        fields.questionType(),
        fields.fact());
  }

  private ParquetSettings parquet() {
    return new ParquetSettings(path, images, fields, where, Map.of(), List.of(), only, without, id);
  }

  private JsonTable pickled(ImageDecoder decoder) throws DataException {
    return JsonTable.pickled(
        path,
        fields,
        where,
        new EndedImages(ImageFolder.of(images, path, decoder), PICKLED_ENDING),
        SampleLists.open(only, without),
        id);
  }
}
