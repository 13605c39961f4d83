package dev.eosin.eval.activations;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.NumpyHeader;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Embeddings as numpy's `.npy`, an array [n,e] and nothing else. The rows lie beside it as a
/// table, `NAME.npy.rows.csv`, and what the file says of itself as `NAME.npy.json`; the array is
/// written last.
final class BareArray {
  private static final ObjectMapper JSON = new ObjectMapper();

  private BareArray() {}

  /// The table of the rows.
  static Path rows(Path file) {
    return file.resolveSibling(file.getFileName() + ".rows.csv");
  }

  private static Path about(Path file) {
    return file.resolveSibling(file.getFileName() + ".json");
  }

  static void writeRows(Path file, ActivationParts parts, Map<String, String> metadata)
      throws IOException {
    List<String> columns = parts.columns();
    AtomicFile.write(
        rows(file),
        out -> {
          line(out, "row," + String.join(",", columns));
          parts.rows(
              row ->
                  line(
                      out,
                      row.row()
                          + ","
                          + String.join(
                              ",",
                              columns.stream()
                                  .map(name -> quoted(row.column(name).orElse("")))
                                  .toList())));
        });
    AtomicFile.write(
        about(file),
        FileContent.text(
            JSON.writerWithDefaultPrettyPrinter().writeValueAsString(metadata) + "\n"));
  }

  private static void line(OutputStream out, String text) throws IOException {
    out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String quoted(String value) {
    boolean plain = value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }

  static void write(ActivationParts parts, OutputStream out) throws IOException {
    ActivationShape shape = parts.shape();
    String numbers = shape.type() == NumberType.FP16 ? "<f2" : "<f4";
    new NumpyHeader(numbers, List.of(parts.count(), (long) shape.width())).writeTo(out);
    parts.writeTo(out, 0, 0, parts.count());
  }

  /// What the file beside the array says; nothing where there is none.
  static Map<String, String> metadata(Path file) throws IOException {
    Path about = about(file);
    return Files.exists(about)
        ? JSON.readValue(Files.readAllBytes(about), new TypeReference<>() {})
        : Map.of();
  }
}
