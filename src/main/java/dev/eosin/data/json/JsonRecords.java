package dev.eosin.data.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import java.nio.file.Path;

/// Records of a JSON file.
record JsonRecords(JsonFile file, JsonLayout layout) implements RecordFile {
  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public String unit() {
    return layout.unit();
  }

  @Override
  public void scan(JsonFile.RecordConsumer records) throws DataException {
    layout.scan(file, records);
  }

  @Override
  public JsonNode read(long start, int length) throws DataException {
    return file.read(start, length);
  }
}
