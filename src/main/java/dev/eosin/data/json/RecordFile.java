package dev.eosin.data.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import java.nio.file.Path;

/// A file of records, any of which can be read again at any time. Thread safe.
sealed interface RecordFile permits JsonRecords, PickleRecords {
  Path path();

  /// What records are counted in, for messages.
  String unit();

  /// Reads the file from start to end.
  ///
  /// @throws DataException naming the place at which it is not what it should be
  void scan(JsonFile.RecordConsumer records) throws DataException;

  /// A record where the scan said that it is.
  ///
  /// @throws DataException when the file has changed since
  JsonNode read(long start, int length) throws DataException;
}
