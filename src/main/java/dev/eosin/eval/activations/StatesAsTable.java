package dev.eosin.eval.activations;

import dev.eosin.data.VectorTableWriter;
import dev.eosin.data.VectorTableWriter.VectorColumn;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// States as a Parquet file.
final class StatesAsTable {
  static final List<String> TEXTS = List.of("path", "group", "label", "split");

  private final ActivationParts parts;
  private final VectorTableWriter writer;
  private final List<ActivationRow> waiting = new ArrayList<>();

  private StatesAsTable(ActivationParts parts, VectorTableWriter writer) {
    this.parts = parts;
    this.writer = writer;
  }

  static void write(ActivationParts parts, Map<String, String> metadata, OutputStream out)
      throws IOException {
    ActivationShape shape = parts.shape();
    List<VectorColumn> columns =
        shape.names().stream()
            .map(name -> new VectorColumn(name, shape.width(), shape.type() == NumberType.FP16))
            .toList();
    var table = new StatesAsTable(parts, new VectorTableWriter(out, TEXTS, columns));
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
      List<List<Optional<String>>> texts =
          List.of(
              waiting.stream().map(row -> Optional.of(row.path())).toList(),
              waiting.stream().map(ActivationRow::group).toList(),
              waiting.stream().map(ActivationRow::label).toList(),
              waiting.stream().map(ActivationRow::split).toList());
      writer.group(
          waiting.stream().mapToLong(ActivationRow::row).toArray(),
          texts,
          (out, layer, first, count) -> parts.writeTo(out, layer, first, count));
      waiting.clear();
    }
  }
}
