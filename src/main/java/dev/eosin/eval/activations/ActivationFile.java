package dev.eosin.eval.activations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import dev.eosin.data.parquet.VectorTable;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The file that states end up in; its ending says in which format.
///
/// @param path of the file
/// @param format that the ending names
public record ActivationFile(Path path, Format format) {
  static final String FORMAT = "eosin-activations";

  /// What files of embeddings call themselves.
  public static final String EMBEDDINGS = "eosin-embeddings";

  static final String VERSION = "1";

  private static final ObjectMapper JSON = new ObjectMapper();

  /// In which files states are written.
  public enum Format {
    /// A tensor for each layer, and the rows as lines of JSON in a tensor of bytes.
    SAFETENSORS,
    /// A column of lists for each layer beside those of the rows.
    PARQUET,
    /// An array for each layer beside those of the rows, as numpy has it.
    NPZ,
    /// Embeddings alone; their rows are a table beside it, see [BareArray].
    NPY
  }

  /// For states of layers.
  ///
  /// @throws IllegalArgumentException for another ending
  public static ActivationFile of(Path path) {
    return of(path, List.of(Format.SAFETENSORS, Format.PARQUET, Format.NPZ));
  }

  /// For embeddings.
  ///
  /// @throws IllegalArgumentException for another ending
  public static ActivationFile ofEmbeddings(Path path) {
    return of(path, List.of(Format.SAFETENSORS, Format.PARQUET, Format.NPZ, Format.NPY));
  }

  private static ActivationFile of(Path path, List<Format> formats) {
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    for (Format format : formats) {
      if (name.endsWith(ending(format))) {
        return new ActivationFile(path, format);
      }
    }
    String last = ending(formats.getLast());
    throw new IllegalArgumentException(
        "out: %s should end in %s or %s"
            .formatted(
                path,
                formats.stream()
                    .map(ActivationFile::ending)
                    .filter(ending -> !ending.equals(last))
                    .collect(Collectors.joining(", ")),
                last));
  }

  private static String ending(Format format) {
    return "." + format.name().toLowerCase(Locale.ROOT);
  }

  /// Where rows are kept until all are done.
  public Path work() {
    return path.resolveSibling(path.getFileName() + ".part");
  }

  /// Where rows are listed that have no states.
  public Path leftOut() {
    return path.resolveSibling(path.getFileName() + ".left-out.jsonl");
  }

  /// The rows that it has no states of, as they are listed; none where nothing was left out.
  ///
  /// @throws DataException when the list cannot be read
  public List<ActivationRow> leftOutRows() throws IOException {
    List<ActivationRow> rows = new ArrayList<>();
    if (Files.exists(leftOut())) {
      for (String line : Files.readAllLines(leftOut())) {
        rows.add(ActivationRow.of(JSON.readTree(line)));
      }
    }
    return rows;
  }

  /// Whether the file is there, made of what `pins` say.
  ///
  /// @throws DataException when another file is there
  boolean isDone(SortedMap<String, String> pins) throws IOException {
    return isDone(FORMAT, pins);
  }

  /// As above, of files of states or [#EMBEDDINGS].
  public boolean isDone(String kind, SortedMap<String, String> pins) throws IOException {
    if (!Files.exists(path)) {
      return false;
    }
    Optional<JsonNode> before = pins(kind);
    if (before.isEmpty()) {
      throw new DataException(
          path + ": is there already, and does not say what it was made of; choose another file");
    }
    List<String> differ = ActivationPins.differences(before.get(), pins);
    if (!differ.isEmpty()) {
      throw new DataException(
          "%s: is there already, made otherwise: %s; choose another file"
              .formatted(path, String.join("; ", differ)));
    }
    return true;
  }

  private Optional<JsonNode> pins(String kind) throws IOException {
    Map<String, String> said = metadata();
    String pins = said.get("pins");
    return kind.equals(said.get("format")) && pins != null
        ? Optional.of(JSON.readTree(pins))
        : Optional.empty();
  }

  /// What the file says of itself; nothing where another program wrote it.
  ///
  /// @throws DataException when it cannot be read
  public Map<String, String> metadata() throws IOException {
    Map<String, String> said = Map.of();
    switch (format) {
      case SAFETENSORS -> {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
          said = file.metadata();
        }
      }
      case PARQUET -> {
        try (VectorTable table = VectorTable.open(path)) {
          said = table.metadata();
        }
      }
      case NPZ -> said = NumpyFile.metadata(path);
      case NPY -> said = BareArray.metadata(path);
    }
    return said;
  }

  /// Writes what a pass made, the list of what it left out first.
  ///
  /// @param all rows that were looked at
  void write(ActivationParts parts, SortedMap<String, String> pins, long all) throws IOException {
    write(parts, pins, Map.of(), all);
  }

  /// As above.
  ///
  /// @param more that the file says of itself, which the numbers do not depend on
  public void write(
      ActivationParts parts, SortedMap<String, String> pins, Map<String, String> more, long all)
      throws IOException {
    if (parts.count() == all) {
      Files.deleteIfExists(leftOut());
    } else {
      AtomicFile.write(
          leftOut(),
          out ->
              parts.leftOut(
                  (row, reason) ->
                      out.write(
                          (row.json().put("reason", reason) + "\n")
                              .getBytes(StandardCharsets.UTF_8))));
    }
    boolean embeds = parts.shape().embeds();
    Map<String, String> metadata = new TreeMap<>(more);
    metadata.put("format", embeds ? EMBEDDINGS : FORMAT);
    metadata.put("version", VERSION);
    metadata.put("fingerprint", ActivationPins.fingerprint(pins));
    metadata.put("pins", ActivationPins.json(pins).toString());
    if (!embeds) {
      metadata.put("layers", parts.shape().layers().toString());
    }
    metadata.put("rows", Long.toString(parts.count()));
    metadata.put("left_out", Long.toString(all - parts.count()));
    FileContent content =
        switch (format) {
          case SAFETENSORS -> out -> StatesAsTensors.write(parts, metadata, out);
          case PARQUET -> out -> StatesAsTable.write(parts, metadata, out);
          case NPZ -> out -> NumpyFile.write(parts, metadata, out);
          case NPY -> {
            BareArray.writeRows(path, parts, metadata);
            yield out -> BareArray.write(parts, out);
          }
        };
    AtomicFile.write(path, content);
  }
}
