package dev.eosin.data.json;

import dev.eosin.config.DataException;
import dev.eosin.data.SamplePlace;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.JsonSettings;
import dev.eosin.data.settings.LlavaJsonSettings;
import dev.eosin.data.settings.PathGenJsonSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.data.settings.RowRules;
import dev.eosin.data.settings.SampleLists;
import dev.eosin.data.tables.ImageFiles;
import dev.eosin.data.tables.ImageFolder;
import dev.eosin.data.tables.TableRow;
import dev.eosin.data.tables.TileFolder;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// A file of records and what to make of them, whichever kind of source asks for it.
///
/// @param rules what every record must have
/// @param where chooses records
/// @param leftOut which of the chosen records are passed over
/// @param lists choose records by name
/// @param id the field that they name
/// @param identity the settings that change which samples there are
public record JsonTable(
    RecordFile file,
    RecordMapping mapping,
    RowRules rules,
    Map<String, String> where,
    ImageFiles images,
    LeftOut leftOut,
    SampleLists lists,
    Optional<String> id,
    String identity) {
  /// Records that are passed over and counted.
  ///
  /// @param why completes "3 records ... are left out"
  record LeftOut(Predicate<TableRow> rows, String why) {
    private static final LeftOut NONE = new LeftOut(row -> false, "");
  }

  public static JsonTable of(JsonSettings settings, ImageDecoder decoder) throws DataException {
    JsonFile file = JsonFile.open(settings.path());
    return new JsonTable(
        new JsonRecords(file, new JsonLayout.Array(settings.records())),
        new RecordMapping.Fields(settings.fields()),
        settings.rules(),
        settings.where(),
        ImageFolder.of(settings.images(), settings.path(), decoder),
        LeftOut.NONE,
        SampleLists.open(settings.only(), settings.without()),
        settings.id(),
        "json %s %s %s"
            .formatted(settings.records(), settings.fields().identity(), settings.where()));
  }

  public static JsonTable of(JsonLinesSettings settings, ImageDecoder decoder)
      throws DataException {
    JsonFile file = JsonFile.open(settings.path());
    return new JsonTable(
        new JsonRecords(file, new JsonLayout.Lines()),
        new RecordMapping.Fields(settings.fields()),
        settings.rules(),
        settings.where(),
        ImageFolder.of(settings.images(), settings.path(), decoder),
        LeftOut.NONE,
        SampleLists.open(settings.only(), settings.without()),
        settings.id(),
        "jsonl %s %s".formatted(settings.fields().identity(), settings.where()));
  }

  /// PathVQA's own pickles, and others of the kind.
  ///
  /// @param images the folder of the images
  public static JsonTable pickled(
      Path path,
      RowFields fields,
      Map<String, String> where,
      ImageFiles images,
      SampleLists lists,
      Optional<String> id)
      throws DataException {
    return new JsonTable(
        PickleRecords.open(path),
        new RecordMapping.Fields(fields),
        RowRules.of("fields", fields, Map.of(), List.of()),
        where,
        images,
        LeftOut.NONE,
        lists,
        id,
        "pickle %s %s".formatted(fields.identity(), where));
  }

  public static JsonTable of(LlavaJsonSettings settings, ImageDecoder decoder)
      throws DataException {
    JsonFile file = JsonFile.open(settings.path());
    LeftOut leftOut =
        switch (settings.withoutImage()) {
          case REFUSE, KEEP -> LeftOut.NONE;
          case SKIP ->
              new LeftOut(row -> row.image().isBlank(), "without an image (without-image: skip)");
        };
    return new JsonTable(
        new JsonRecords(file, JsonLayout.guess(file)),
        switch (settings.says()) {
          case CAPTION ->
              new RecordMapping.Conversations(
                  settings.speaker(), settings.turn(), settings.group());
          case CONVERSATION ->
              new RecordMapping.Dialogues(
                  settings.withoutImage() == LlavaJsonSettings.WithoutImage.KEEP, settings.group());
        },
        new RowRules(
            settings.says() == LlavaJsonSettings.Says.CAPTION,
            false,
            settings.group().isPresent(),
            Map.of(),
            List.of(),
            settings.withoutImage() == LlavaJsonSettings.WithoutImage.KEEP),
        settings.where(),
        ImageFolder.of(settings.images(), settings.path(), decoder),
        leftOut,
        SampleLists.open(settings.only(), settings.without()),
        settings.id(),
        switch (settings.says()) {
          case CAPTION ->
              "llava-json %s %d %s %s"
                  .formatted(
                      settings.speaker(), settings.turn(), settings.group(), settings.where());
          case CONVERSATION ->
              "llava-json conversation %s %s".formatted(settings.group(), settings.where());
        });
  }

  public static JsonTable of(PathGenJsonSettings settings, ImageDecoder decoder)
      throws DataException {
    JsonFile file = JsonFile.open(settings.path());
    TileFolder tiles =
        new TileFolder(
            settings.images(), SamplePlace.real(settings.images()), settings.extension(), decoder);
    LeftOut leftOut =
        switch (settings.missingTiles()) {
          case COUNT -> LeftOut.NONE;
          case SKIP ->
              new LeftOut(
                  row -> !row.image().isBlank() && !tiles.has(row.image()),
                  "without a tile (missing-tiles: skip)");
        };
    return new JsonTable(
        new JsonRecords(file, JsonLayout.guess(file)),
        new RecordMapping.PathGen(),
        new RowRules(true, false, true, Map.of(), List.of()),
        Map.of(),
        tiles,
        leftOut,
        SampleLists.open(settings.only(), settings.without()),
        settings.id(),
        "pathgen-json");
  }
}
