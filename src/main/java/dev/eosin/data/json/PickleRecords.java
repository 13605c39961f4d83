package dev.eosin.data.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.PlainPickle;
import dev.eosin.config.DataException;
import dev.eosin.data.settings.TableFiles;
import java.nio.file.Path;
import java.util.List;

/// A pickled list of dictionaries, such as PathVQA's questions; memory holds all of it.
record PickleRecords(Path path, List<JsonNode> records) implements RecordFile {
  PickleRecords {
    records = List.copyOf(records);
  }

  /// @throws DataException when the file is missing, holds anything but plain values, or is no list
  ///   of dictionaries
  static PickleRecords open(Path path) throws DataException {
    TableFiles.check(path);
    JsonNode root = PlainPickle.read(path);
    if (!root.isArray()) {
      throw new DataException(
          "%s: holds %s; expected a list of dictionaries".formatted(path, JsonFields.kind(root)));
    }
    List<JsonNode> records = List.copyOf(root.valueStream().toList());
    for (int i = 0; i < records.size(); i++) {
      if (!records.get(i).isObject()) {
        throw new DataException(
            "%s: record %d is %s; expected a dictionary such as {'image': ..., 'question': ..., 'answer': ...}"
                .formatted(path, i + 1, JsonFields.kind(records.get(i))));
      }
    }
    return new PickleRecords(path, records);
  }

  @Override
  public String unit() {
    return "record";
  }

  @Override
  public void scan(JsonFile.RecordConsumer consumer) throws DataException {
    for (int i = 0; i < records.size(); i++) {
      consumer.accept(records.get(i), i + 1, i, 0);
    }
  }

  @Override
  public JsonNode read(long start, int length) {
    return records.get(Math.toIntExact(start));
  }
}
