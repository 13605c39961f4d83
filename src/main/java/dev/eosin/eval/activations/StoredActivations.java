package dev.eosin.eval.activations;

import dev.eosin.config.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Hidden states on disk: what `eosin embed` writes (safetensors, Parquet, npz), and folders of
/// Multimodal-Probes. A layer is read when it is asked for. Close it.
public final class StoredActivations implements AutoCloseable {
  private final Path path;
  private final List<Path> files;
  private final List<ActivationRow> rows;
  private final SortedMap<Integer, Layer> layers;
  private final Resource resource;

  /// The states of a layer.
  interface Layer {
    /// [n,c]
    float[] read() throws DataException;
  }

  /// What is open.
  interface Resource {
    void close() throws DataException;
  }

  /// @param files that hold the states
  /// @param rows in the order of the states
  /// @param layers by number
  StoredActivations(
      Path path,
      List<Path> files,
      List<ActivationRow> rows,
      SortedMap<Integer, Layer> layers,
      Resource resource) {
    this.path = path;
    this.files = List.copyOf(files);
    this.rows = List.copyOf(rows);
    this.layers = Collections.unmodifiableSortedMap(new TreeMap<>(layers));
    this.resource = resource;
  }

  /// Opens a file or folder.
  ///
  /// @param path a `.safetensors`, `.parquet` or `.npz` file, or a folder of Multimodal-Probes with
  ///   one tensor a layer, `NAME.0.pt` and so on
  /// @param table of the rows, in their order: a CSV or TSV such as `filepaths,cat,is_test`; where
  ///   the file has rows of its own, instead of these
  /// @throws DataException when it is none of these, damaged, or the rows' table is missing or has
  ///   another number of rows
  public static StoredActivations open(Path path, Optional<Path> table) throws DataException {
    if (Files.isDirectory(path)) {
      return ForeignActivations.folder(path, table);
    }
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    if (Files.exists(path) && name.endsWith(".parquet")) {
      return OwnActivations.parquet(path, table);
    }
    if (Files.exists(path) && name.endsWith(".safetensors")) {
      return OwnActivations.safetensors(path, table);
    }
    if (Files.exists(path) && name.endsWith(".npz")) {
      return OwnActivations.npz(path, table);
    }
    throw new DataException(
        path
            + (Files.exists(path)
                ? ": expected a .safetensors, .parquet or .npz file, or a folder of NAME.0.pt, NAME.1.pt ..."
                : ": no such file or folder"));
  }

  /// The file or folder.
  public Path path() {
    return path;
  }

  /// The files that hold the states.
  public List<Path> files() {
    return files;
  }

  /// What is known of the rows, in the order of the states.
  public List<ActivationRow> rows() {
    return rows;
  }

  /// The numbers of the layers, rising: layer k is the state behind k blocks.
  public SortedSet<Integer> layers() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(layers.keySet()));
  }

  /// The states of a layer, one for each row.
  ///
  /// @throws DataException when they cannot be read, are no numbers, or are not one for each row
  public float[][] states(int layer) throws DataException {
    Layer stored = layers.get(layer);
    if (stored == null) {
      throw new DataException("%s: has no layer %d, but %s".formatted(path, layer, layers()));
    }
    float[] all = stored.read();
    if (all.length == 0 || all.length % rows.size() != 0) {
      throw new DataException(
          "%s: layer %d has %d numbers, which are no states of %d rows"
              .formatted(path, layer, all.length, rows.size()));
    }
    int width = all.length / rows.size();
    float[][] states = new float[rows.size()][];
    for (int row = 0; row < states.length; row++) {
      states[row] = Arrays.copyOfRange(all, row * width, (row + 1) * width);
      requireNumbers(layer, row, states[row]);
    }
    return states;
  }

  private void requireNumbers(int layer, int row, float[] state) throws DataException {
    for (float value : state) {
      if (!Float.isFinite(value)) {
        throw new DataException(
            "%s: layer %d holds %s for row %d, %s"
                .formatted(path, layer, value, row, rows.get(row).path()));
      }
    }
  }

  @Override
  public void close() throws DataException {
    resource.close();
  }
}
