package dev.eosin.eval.activations;

import dev.eosin.checkpoint.BareTensor;
import dev.eosin.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// States as a safetensors file: a tensor for each layer [n,c], and `rows`, the bytes of a line of
/// JSON for each row.
final class StatesAsTensors {
  static final String ROWS = "rows";

  private StatesAsTensors() {}

  static void write(ActivationParts parts, Map<String, String> metadata, OutputStream out)
      throws IOException {
    ActivationShape shape = parts.shape();
    Path rows = parts.lines().resolveSibling("kept.jsonl");
    try (OutputStream lines = Files.newOutputStream(rows)) {
      parts.rows(row -> lines.write((row.json() + "\n").getBytes(StandardCharsets.UTF_8)));
    }
    List<BareTensor> open = new ArrayList<>();
    try {
      var writer = new SafetensorsWriter(metadata);
      for (int layer = 0; layer < parts.layers().size(); layer++) {
        List<Long> sizes = List.of(parts.count(), (long) shape.width());
        open.add(BareTensor.open(parts.layers().get(layer), shape.type().stored(), sizes));
        writer.add(shape.names().get(layer), open.getLast().data());
      }
      open.add(BareTensor.bytes(rows));
      writer.add(ROWS, open.getLast().data());
      writer.writeTo(out);
    } finally {
      open.forEach(BareTensor::close);
    }
  }
}
