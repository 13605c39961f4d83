package dev.eosin.eval.activations;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.config.DataException;
import dev.eosin.data.parquet.VectorTable;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;

/// Opens what `eosin embed` writes.
final class OwnActivations {
  private static final Pattern LAYER = Pattern.compile("layer_(\\d{1,6})");
  private static final ObjectMapper JSON = new ObjectMapper();

  private OwnActivations() {}

  static StoredActivations safetensors(Path path, Optional<Path> table) throws DataException {
    SafetensorsFile file = SafetensorsFile.open(path);
    try {
      SortedMap<Integer, String> names = names(path, file.names());
      List<ActivationRow> rows =
          table.isPresent() ? ForeignActivations.rows(table.get()) : lines(path, file);
      for (String name : names.values()) {
        List<Long> shape = file.header(name).shape();
        if (shape.size() != 2 || shape.getFirst() != rows.size()) {
          throw new DataException(
              "%s: %s has the shape %s; states of %d rows are expected"
                  .formatted(path, name, shape, rows.size()));
        }
      }
      SortedMap<Integer, StoredActivations.Layer> layers = new TreeMap<>();
      names.forEach((layer, name) -> layers.put(layer, () -> file.floats(name)));
      return new StoredActivations(path, List.of(path), rows, layers, file::close);
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static SortedMap<Integer, String> names(Path path, Collection<String> all)
      throws DataException {
    SortedMap<Integer, String> names = new TreeMap<>();
    for (String name : all) {
      Matcher layer = LAYER.matcher(name);
      if (layer.matches() && names.put(Integer.parseInt(layer.group(1)), name) != null) {
        throw new DataException(
            "%s: has layer %d twice".formatted(path, Integer.parseInt(layer.group(1))));
      }
    }
    if (names.isEmpty()) {
      throw new DataException(
          "%s: holds no hidden states, which are named layer_01 and so on, but %s"
              .formatted(path, Quote.some(all, 5)));
    }
    return names;
  }

  static List<ActivationRow> lines(Path path, SafetensorsFile file) throws DataException {
    if (!file.names().contains(StatesAsTensors.ROWS)) {
      throw new DataException(
          "%s: does not say what its rows are; name their table".formatted(path));
    }
    long[] values = file.longs(StatesAsTensors.ROWS);
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    List<ActivationRow> rows = new ArrayList<>();
    try {
      for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n")) {
        rows.add(ActivationRow.of(JSON.readTree(line)));
      }
      return rows;
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s: rows: line %d is damaged: %s"
              .formatted(path, rows.size() + 1, Quote.line(e.getOriginalMessage())),
          e);
    }
  }

  static StoredActivations parquet(Path path, Optional<Path> table) throws DataException {
    VectorTable file = VectorTable.open(path);
    try {
      SortedMap<Integer, String> names = names(path, file.columns());
      List<ActivationRow> rows =
          table.isPresent() ? ForeignActivations.rows(table.get()) : RowTexts.of(file);
      if (rows.size() != file.rows()) {
        throw new DataException(
            "%s: has %d rows, its table %d".formatted(path, file.rows(), rows.size()));
      }
      SortedMap<Integer, StoredActivations.Layer> layers = new TreeMap<>();
      names.forEach((layer, name) -> layers.put(layer, () -> file.vectors(name)));
      return new StoredActivations(path, List.of(path), rows, layers, file::close);
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  static StoredActivations npz(Path path, Optional<Path> table) throws DataException {
    try {
      ZipFile zip = NumpyFile.open(path);
      try {
        SortedMap<Integer, String> names = names(path, NumpyFile.arrays(zip));
        List<ActivationRow> rows =
            table.isPresent() ? ForeignActivations.rows(table.get()) : RowTexts.of(path, zip);
        if (rows.isEmpty()) {
          throw new DataException(
              "%s: does not say what its rows are; name their table".formatted(path));
        }
        SortedMap<Integer, StoredActivations.Layer> layers = new TreeMap<>();
        names.forEach(
            (layer, name) ->
                layers.put(layer, () -> NumpyFile.matrix(path, zip, name, rows.size())));
        return new StoredActivations(path, List.of(path), rows, layers, () -> close(path, zip));
      } catch (IOException | RuntimeException | Error e) {
        zip.close();
        throw e;
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("%s: cannot be read: %s".formatted(path, AtomicFile.reason(e)), e);
    }
  }

  private static void close(Path path, ZipFile zip) throws DataException {
    try {
      zip.close();
    } catch (IOException e) {
      throw new DataException("%s: cannot be closed: %s".formatted(path, AtomicFile.reason(e)), e);
    }
  }
}
