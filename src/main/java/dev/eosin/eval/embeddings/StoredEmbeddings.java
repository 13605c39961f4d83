package dev.eosin.eval.embeddings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationFile;
import dev.eosin.eval.activations.ActivationRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Embeddings on disk: what `eosin embed` writes, and other programs' files: Parquet with a column
/// of lists, safetensors, `.npz` and `.npy` with an array [n,e], their rows those of a table;
/// features of slides' tiles as TRIDENT and CLAM keep them, an `.h5` file or a folder of them.
/// Vectors are read when asked for, some rows at a time. Close it.
public final class StoredEmbeddings implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private final List<ActivationRow> rows;
  private final int width;
  private final Map<String, String> metadata;
  private final VectorStream vectors;
  private final Resource resource;

  /// What is open.
  interface Resource {
    void close() throws DataException;
  }

  /// Takes some rows after the other.
  @FunctionalInterface
  public interface Blocks {
    /// @param first row of the block
    /// @param vectors [k,e], row-major
    void take(long first, float[] vectors) throws IOException;
  }

  /// @param rows in the order of the vectors
  /// @param width e
  /// @param metadata what the file says of itself
  StoredEmbeddings(
      Path path,
      List<ActivationRow> rows,
      int width,
      Map<String, String> metadata,
      VectorStream vectors,
      Resource resource) {
    this.path = path;
    this.rows = List.copyOf(rows);
    this.width = width;
    this.metadata = Map.copyOf(metadata);
    this.vectors = vectors;
    this.resource = resource;
  }

  /// Opens a file.
  ///
  /// @param path that ends in `.parquet`, `.safetensors`, `.npz`, `.npy` or `.h5`, or a folder of
  ///   the last
  /// @param table of the rows, in their order: a CSV or TSV such as `filepaths,cat,is_test`; where
  ///   the file has rows of its own, instead of these
  /// @throws DataException when it is none of these, damaged, holds no embeddings, or the rows'
  ///   table is missing or has another number of rows
  public static StoredEmbeddings open(Path path, Optional<Path> table) throws DataException {
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    String ending = name.substring(name.lastIndexOf('.') + 1);
    try {
      if (Files.exists(path) && SlideFeatures.are(path)) {
        return SlideFeatures.open(path, table);
      }
      if (Files.isRegularFile(path)) {
        switch (ending) {
          case "parquet" -> {
            return EmbeddingFiles.parquet(path, table);
          }
          case "safetensors" -> {
            return EmbeddingFiles.safetensors(path, table);
          }
          case "npz" -> {
            return EmbeddingFiles.npz(path, table);
          }
          case "npy" -> {
            return EmbeddingFiles.npy(path, table);
          }
          default -> {}
        }
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + e.getMessage(), e);
    }
    throw new DataException(
        path
            + (Files.exists(path)
                ? ": expected embeddings, a file that ends in .parquet, .safetensors, .npz, .npy or .h5, or a folder of .h5"
                : ": no such file"));
  }

  /// The file.
  public Path path() {
    return path;
  }

  /// What is known of the rows, in the order of the vectors.
  public List<ActivationRow> rows() {
    return rows;
  }

  /// n, the number of rows.
  public int size() {
    return rows.size();
  }

  /// e, of each vector.
  public int width() {
    return width;
  }

  /// What the file says of itself; nothing where another program wrote it.
  public Map<String, String> metadata() {
    return metadata;
  }

  /// What the embeddings depend on, by name, such as `model.sha256`; nothing where another program
  /// wrote the file.
  ///
  /// @throws DataException when that is damaged
  public SortedMap<String, String> pins() throws DataException {
    SortedMap<String, String> pins = new TreeMap<>();
    if (ActivationFile.EMBEDDINGS.equals(metadata.get("format"))) {
      try {
        JsonNode json = JSON.readTree(metadata.getOrDefault("pins", "{}"));
        json.properties().forEach(pin -> pins.put(pin.getKey(), pin.getValue().asText()));
      } catch (IOException e) {
        throw new DataException(path + ": its pins are damaged: " + e.getMessage(), e);
      }
    }
    return Collections.unmodifiableSortedMap(pins);
  }

  /// Reads all vectors, block by block.
  ///
  /// @throws DataException when they cannot be read, are not one for each row, or hold what is no
  ///   number, naming the row
  public void blocks(Blocks taking) throws IOException {
    long[] first = {0};
    vectors.read(
        values -> {
          long count = values.length / width;
          if (count * width != values.length || first[0] + count > rows.size()) {
            throw new DataException(
                "%s: its vectors are not one of %d numbers for each of %d rows"
                    .formatted(path, width, rows.size()));
          }
          requireNumbers(first[0], values);
          taking.take(first[0], values);
          first[0] += count;
        });
    if (first[0] != rows.size()) {
      throw new DataException(
          "%s: has %d vectors and %d rows".formatted(path, first[0], rows.size()));
    }
  }

  private void requireNumbers(long first, float[] values) throws DataException {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        int row = (int) first + i / width;
        throw new DataException(
            "%s: the embedding of row %d, %s, holds %s"
                .formatted(path, row, rows.get(row).path(), values[i]));
      }
    }
  }

  /// All vectors [n,e].
  ///
  /// @throws DataException as [#blocks]
  public float[][] vectors() throws IOException {
    float[][] all = new float[rows.size()][];
    blocks(
        (first, values) -> {
          for (int i = 0; i < values.length / width; i++) {
            all[(int) first + i] = new float[width];
            System.arraycopy(values, i * width, all[(int) first + i], 0, width);
          }
        });
    return all;
  }

  @Override
  public void close() throws DataException {
    resource.close();
  }
}
