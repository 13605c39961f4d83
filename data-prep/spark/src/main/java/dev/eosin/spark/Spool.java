package dev.eosin.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.Rows;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.io.file.PathUtils;

/// The rows in files of so many each, for executors to read: a table's own reader goes through it
/// once, in one place, so that a row is the same everywhere.
///
/// @param folder on a file system that all machines share
/// @param rows how many there are
/// @param each rows of a file, but for the last
record Spool(Path folder, int rows, int each) implements AutoCloseable {
  /// Beside the results while they are prepared.
  static final String NAME = ".rows";

  /// Writes the rows; what another run left there is removed.
  ///
  /// @param each rows of a file
  static Spool write(Path out, Rows all, int rows, int each) throws IOException {
    Spool spool = new Spool(out.resolve(NAME), rows, each);
    spool.close();
    Files.createDirectories(spool.folder());
    for (int part = 0; part < spool.parts(); part++) {
      try (OutputStream file =
          new BufferedOutputStream(Files.newOutputStream(spool.file(part)), 1 << 16)) {
        for (int i = spool.first(part); i < Math.min(rows, spool.first(part + 1)); i++) {
          file.write(line(all));
          file.write('\n');
        }
      }
    }
    return spool;
  }

  private static byte[] line(Rows all) throws DataException {
    Row row =
        all.next()
            .orElseThrow(
                () ->
                    new DataException(
                        "the rows changed while they were prepared; restore them and start again"));
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("key", row.key()).put("place", row.place()).set("content", row.content());
    return Bytes.of(line);
  }

  int parts() {
    return Math.ceilDiv(rows, each);
  }

  int part(int position) {
    return position / each;
  }

  int first(int part) {
    return part * each;
  }

  private Path file(int part) {
    return folder.resolve("%06d.jsonl".formatted(part));
  }

  /// The rows of a file.
  ///
  /// @throws DataException when it is not there, or not whole
  List<Row> read(int part) throws IOException {
    List<Row> read = new ArrayList<>();
    Path file = file(part);
    if (!Files.exists(file)) {
      throw new DataException(
          "worker %s has no file %s; output.dir has to be on a file system that all machines share, under one path"
              .formatted(Workers.host(), file));
    }
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (Optional<String> line = next(lines); line.isPresent(); line = next(lines)) {
        JsonNode row = Bytes.json(line.get());
        read.add(
            new Row(
                row.path("key").textValue(), row.path("place").textValue(), row.path("content")));
      }
    }
    if (read.size() != Math.min(rows - first(part), each)) {
      throw new DataException(
          "worker %s reads %d rows of %s, which has more; the file system that holds output.dir is not the same on all machines"
              .formatted(Workers.host(), read.size(), file));
    }
    return read;
  }

  private static Optional<String> next(BufferedReader lines) throws IOException {
    return Optional.ofNullable(lines.readLine());
  }

  /// Removes the files.
  @Override
  public void close() throws IOException {
    if (Files.exists(folder)) {
      PathUtils.deleteDirectory(folder);
    }
  }
}
