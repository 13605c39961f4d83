package dev.eosin.data.json;

import dev.eosin.config.DataException;
import java.util.Optional;

/// How records lie in a JSON file.
sealed interface JsonLayout {
  /// One array of objects.
  ///
  /// @param key where it is in the outermost object; empty where the file is the array
  record Array(Optional<String> key) implements JsonLayout {}

  /// One object a line.
  record Lines() implements JsonLayout {}

  /// The layout that the first character tells: an array as the whole file, or one object a line.
  static JsonLayout guess(JsonFile file) throws DataException {
    return file.startsWithArray() ? new Array(Optional.empty()) : new Lines();
  }

  /// What records are counted in, for messages.
  default String unit() {
    return switch (this) {
      case Array array -> "record";
      case Lines lines -> "line";
    };
  }

  /// Reads a file from start to end.
  ///
  /// @throws DataException naming the line at which it is not what it should be
  default void scan(JsonFile file, JsonFile.RecordConsumer records) throws DataException {
    switch (this) {
      case Array(Optional<String> key) -> JsonArray.scan(file.path(), key, records);
      case Lines lines -> JsonLines.scan(file.path(), records);
    }
  }
}
