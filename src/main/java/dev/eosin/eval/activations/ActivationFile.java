package dev.eosin.eval.activations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import dev.eosin.data.VectorTable;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The file that states end up in; its ending says in which format.
///
/// @param path of the file
/// @param format that the ending names
public record ActivationFile(Path path, Format format) {
  static final String FORMAT = "eosin-activations";
  static final String VERSION = "1";

  private static final ObjectMapper JSON = new ObjectMapper();

  /// In which files states are written.
  public enum Format {
    /// A tensor for each layer, and the rows as lines of JSON in a tensor of bytes.
    SAFETENSORS,
    /// A column of lists for each layer beside those of the rows.
    PARQUET,
    /// An array for each layer beside those of the rows, as numpy has it.
    NPZ
  }

  /// @throws IllegalArgumentException for another ending
  public static ActivationFile of(Path path) {
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    for (Format format : Format.values()) {
      if (name.endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
        return new ActivationFile(path, format);
      }
    }
    throw new IllegalArgumentException(
        "out: %s should end in .safetensors, .parquet or .npz".formatted(path));
  }

  /// Where rows are kept until all are done.
  Path work() {
    return path.resolveSibling(path.getFileName() + ".part");
  }

  /// Where rows are listed that have no states.
  Path leftOut() {
    return path.resolveSibling(path.getFileName() + ".left-out.jsonl");
  }

  /// Whether the file is there, made of what `pins` say.
  ///
  /// @throws DataException when another file is there
  boolean isDone(SortedMap<String, String> pins) throws IOException {
    if (!Files.exists(path)) {
      return false;
    }
    Optional<JsonNode> before = pins();
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

  private Optional<JsonNode> pins() throws IOException {
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
    }
    String pins = said.get("pins");
    return FORMAT.equals(said.get("format")) && pins != null
        ? Optional.of(JSON.readTree(pins))
        : Optional.empty();
  }

  /// Writes what a pass made, the list of what it left out first.
  ///
  /// @param all rows that were looked at
  void write(ActivationParts parts, SortedMap<String, String> pins, long all) throws IOException {
    if (parts.count() < all) {
      AtomicFile.write(
          leftOut(),
          out ->
              parts.leftOut(
                  (row, reason) ->
                      out.write(
                          (row.json().put("reason", reason) + "\n")
                              .getBytes(StandardCharsets.UTF_8))));
    }
    Map<String, String> metadata = new TreeMap<>();
    metadata.put("format", FORMAT);
    metadata.put("version", VERSION);
    metadata.put("fingerprint", ActivationPins.fingerprint(pins));
    metadata.put("pins", ActivationPins.json(pins).toString());
    metadata.put("layers", parts.shape().layers().toString());
    metadata.put("rows", Long.toString(parts.count()));
    metadata.put("left_out", Long.toString(all - parts.count()));
    FileContent content =
        switch (format) {
          case SAFETENSORS -> out -> StatesAsTensors.write(parts, metadata, out);
          case PARQUET -> out -> StatesAsTable.write(parts, metadata, out);
          case NPZ -> out -> NumpyFile.write(parts, metadata, out);
        };
    AtomicFile.write(path, content);
  }
}
