package dev.eosin.data.questions;

import dev.eosin.config.DataException;
import dev.eosin.data.json.JsonArray;
import dev.eosin.data.json.JsonFile;
import dev.eosin.data.json.JsonLines;
import dev.eosin.data.settings.TableFiles;
import dev.eosin.data.settings.TableSample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which fields of a table of choices hold the options: `A`, `B` and so on as far as there are any,
/// else `options`.
final class OptionFields {
  private static final String LISTED = "options";
  private static final int MOST = 26;

  private OptionFields() {}

  /// @throws DataException when the table is missing or faulty, or has no such fields
  static List<String> of(Path table) throws DataException {
    Set<String> fields =
        switch (TableByName.format(table)) {
          case COMMAS, TABS -> Set.copyOf(TableSample.read(table).columns());
          case JSON -> ofRecords(table, false);
          case JSON_LINES -> ofRecords(table, true);
          case PICKLE, PARQUET -> Set.of(LISTED); // lists, as its own columns' types say
        };
    List<String> letters = new ArrayList<>();
    for (int place = 0; place < MOST; place++) {
      String letter = Character.toString('A' + place);
      if (!fields.contains(letter)) {
        break;
      }
      letters.add(letter);
    }
    if (letters.size() < 2 && !fields.contains(LISTED)) {
      throw new DataException(
          "%s: has no options; expected the fields A, B and so on, or options with a list; rename them, or take type: csv, json or jsonl with its fields"
              .formatted(table));
    }
    return letters.size() < 2 ? List.of(LISTED) : letters;
  }

  private static Set<String> ofRecords(Path table, boolean lines) throws DataException {
    TableFiles.checkText(table);
    Set<String> fields = new HashSet<>();
    JsonFile.RecordConsumer names =
        (record, place, start, length) -> record.fieldNames().forEachRemaining(fields::add);
    if (lines) {
      JsonLines.scan(table, names);
    } else {
      JsonArray.scan(table, Optional.empty(), names);
    }
    return fields;
  }
}
