package dev.eosin.curate;

import dev.eosin.data.parquet.VectorTableWriter;
import dev.eosin.data.parquet.VectorTableWriter.VectorColumn;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// An image's embedding, for files of a few of them.
///
/// @param name of the image
@SuppressWarnings("ArrayRecordComponent") // read only
public record Embedded(String name, String label, float... vector) {
  /// Writes a Parquet file as `eosin embed` does, but for what it says of its model.
  public static Path write(Path file, List<Embedded> rows) throws IOException {
    int width = rows.getFirst().vector().length;
    try (OutputStream out = Files.newOutputStream(file)) {
      var writer =
          new VectorTableWriter(
              out, List.of("path", "label"), List.of(new VectorColumn("embedding", width, false)));
      writer.group(
          IntStream.range(0, rows.size()).asLongStream().toArray(),
          List.of(
              rows.stream().map(row -> Optional.of(row.name())).toList(),
              rows.stream().map(row -> Optional.of(row.label())).toList()),
          (to, _, first, count) -> {
            ByteBuffer bytes =
                ByteBuffer.allocate(4 * width * count).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
              for (float value : rows.get((int) first + i).vector()) {
                bytes.putFloat(value);
              }
            }
            to.write(bytes.array());
          });
      writer.finish(Map.of());
    }
    return file;
  }
}
