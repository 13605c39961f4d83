package dev.eosin.curate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.data.VectorTableWriter;
import dev.eosin.prepare.Outputs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `pairs.parquet`: a column of the row's number, and one of texts for each field.
final class ParquetPairs implements PairsWriter {
  private static final int GROUP_ROWS = 1 << 14;

  private final List<String> fields;
  private final WrittenFile file;
  private final VectorTableWriter writer;
  private final List<List<Optional<String>>> values = new ArrayList<>();
  private final long[] numbers = new long[GROUP_ROWS];
  private int count;

  ParquetPairs(List<String> fields, Outputs outputs) throws IOException {
    this.fields = fields;
    file = new WrittenFile("pairs.parquet", outputs.open("pairs.parquet"));
    writer = new VectorTableWriter(file, fields, List.of());
    fields.forEach(_ -> values.add(new ArrayList<>()));
  }

  @Override
  public void add(Candidate row, ObjectNode given) throws IOException {
    for (int i = 0; i < fields.size(); i++) {
      values.get(i).add(text(given.path(fields.get(i))));
    }
    numbers[count++] = row.position();
    file.countRow();
    if (count == GROUP_ROWS) {
      group();
    }
  }

  /// What is nested is written as JSON.
  private static Optional<String> text(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    return Optional.of(value.isValueNode() ? value.asText() : value.toString());
  }

  private void group() throws IOException {
    writer.group(Arrays.copyOf(numbers, count), values, (_, _, _, _) -> {});
    values.forEach(List::clear);
    count = 0;
  }

  @Override
  public List<WrittenFile.Entry> finish() throws IOException {
    if (count > 0) {
      group();
    }
    writer.finish(Map.of());
    return List.of(file.end());
  }
}
