package dev.eosin.curate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.curate.rules.Candidate;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.ParquetTexts;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `pairs.parquet`: a column of the row's number, and one of texts for each field.
final class ParquetPairs implements PairsWriter {
  private static final String NAME = "pairs.parquet";

  private final List<String> fields;
  private final WrittenFile file;
  private final ParquetTexts table;

  ParquetPairs(List<String> fields, Outputs outputs) throws IOException {
    this.fields = fields;
    file = new WrittenFile(NAME, outputs.open(NAME));
    table = new ParquetTexts(file, fields);
  }

  @Override
  public void add(Candidate row, ObjectNode given) throws IOException {
    table.add(row.position(), fields.stream().map(field -> text(given.path(field))).toList());
    file.countRow();
  }

  /// What is nested is written as JSON.
  private static Optional<String> text(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    return Optional.of(value.isValueNode() ? value.asText() : value.toString());
  }

  @Override
  public List<WrittenFile.Entry> finish() throws IOException {
    table.finish();
    return List.of(file.end());
  }
}
