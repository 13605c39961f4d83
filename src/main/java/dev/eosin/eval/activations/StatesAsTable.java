package dev.eosin.eval.activations;

import dev.eosin.data.parquet.VectorTableWriter;
import dev.eosin.data.parquet.VectorTableWriter.VectorColumn;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// States as a Parquet file.
final class StatesAsTable {
  private final ActivationParts parts;
  private final List<String> texts;
  private final VectorTableWriter writer;
  private final List<ActivationRow> waiting = new ArrayList<>();

  private StatesAsTable(ActivationParts parts, List<String> texts, VectorTableWriter writer) {
    this.parts = parts;
    this.texts = texts;
    this.writer = writer;
  }

  static void write(ActivationParts parts, Map<String, String> metadata, OutputStream out)
      throws IOException {
    ActivationShape shape = parts.shape();
    List<VectorColumn> columns =
        shape.names().stream()
            .map(name -> new VectorColumn(name, shape.width(), shape.type() == NumberType.FP16))
            .toList();
    List<String> texts = parts.columns();
    var table = new StatesAsTable(parts, texts, new VectorTableWriter(out, texts, columns));
    parts.rows(table::add);
    table.group();
    table.writer.finish(metadata);
  }

  private void add(ActivationRow row) throws IOException {
    waiting.add(row);
    if (waiting.size() == writer.groupRows()) {
      group();
    }
  }

  private void group() throws IOException {
    if (!waiting.isEmpty()) {
      List<List<Optional<String>>> values =
          texts.stream()
              .map(name -> waiting.stream().map(row -> row.column(name)).toList())
              .toList();
      writer.group(
          waiting.stream().mapToLong(ActivationRow::row).toArray(),
          values,
          (out, layer, first, count) -> parts.writeTo(out, layer, first, count));
      waiting.clear();
    }
  }
}
