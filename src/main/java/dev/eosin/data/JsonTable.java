package dev.eosin.data;

import dev.eosin.config.DataException;
import dev.eosin.image.ImageDecoder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// A file of JSON records and what to make of them, whichever kind of source asks for it.
///
/// @param rules what every record must have
/// @param where chooses records
/// @param leftOut which of the chosen records are passed over
/// @param lists choose records by name
/// @param id the field that they name
/// @param identity the settings that change which samples there are
record JsonTable(
    JsonFile file,
    JsonLayout layout,
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

  static JsonTable of(JsonSettings settings, ImageDecoder decoder) throws DataException {
    JsonFile file = JsonFile.open(settings.path());
    return new JsonTable(
        file,
        new JsonLayout.Array(settings.records()),
        new RecordMapping.Fields(settings.fields()),
        settings.rules(),
        settings.where(),
        ImageFolder.of(settings.images(), settings.path(), decoder),
        LeftOut.NONE,
        SampleLists.open(settings.only(), settings.without()),
        settings.id(),
        "json %s %s %s".formatted(settings.records(), settings.fields(), settings.where()));
  }

  static JsonTable of(JsonLinesSettings settings, ImageDecoder decoder) throws DataException {
    JsonFile file = JsonFile.open(settings.path());
    return new JsonTable(
        file,
        new JsonLayout.Lines(),
        new RecordMapping.Fields(settings.fields()),
        settings.rules(),
        settings.where(),
        ImageFolder.of(settings.images(), settings.path(), decoder),
        LeftOut.NONE,
        SampleLists.open(settings.only(), settings.without()),
        settings.id(),
        "jsonl %s %s".formatted(settings.fields(), settings.where()));
  }

  static JsonTable of(LlavaJsonSettings settings, ImageDecoder decoder) throws DataException {
    JsonFile file = JsonFile.open(settings.path());
    LeftOut leftOut =
        switch (settings.withoutImage()) {
          case REFUSE -> LeftOut.NONE;
          case SKIP ->
              new LeftOut(row -> row.image().isBlank(), "without an image (without-image: skip)");
        };
    return new JsonTable(
        file,
        JsonLayout.guess(file),
        new RecordMapping.Conversations(settings.speaker(), settings.turn(), settings.group()),
        new RowRules(true, false, settings.group().isPresent(), Map.of(), List.of()),
        settings.where(),
        ImageFolder.of(settings.images(), settings.path(), decoder),
        leftOut,
        SampleLists.open(settings.only(), settings.without()),
        settings.id(),
        "llava-json %s %d %s %s"
            .formatted(settings.speaker(), settings.turn(), settings.group(), settings.where()));
  }

  static JsonTable of(PathGenJsonSettings settings, ImageDecoder decoder) throws DataException {
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
        file,
        JsonLayout.guess(file),
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
