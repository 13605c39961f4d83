package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;

/// Named tensors on disk, read when asked. Thread safe.
///
/// Closing ends the life of every [TensorData] it gave.
public interface StoredTensors extends AutoCloseable {
  /// Opens a `.safetensors` file, a `.safetensors.index.json` of several, or a folder holding
  /// `model.safetensors` or `model.safetensors.index.json`.
  ///
  /// @throws DataException naming the file and what is wrong with it
  static StoredTensors open(Path path) throws DataException {
    if (Files.isDirectory(path)) {
      Path single = path.resolve("model.safetensors");
      Path index = path.resolve("model.safetensors.index.json");
      if (!Files.exists(single) && !Files.exists(index)) {
        throw new DataException(
            path + ": the folder has neither model.safetensors nor model.safetensors.index.json");
      }
      return Files.exists(single) ? SafetensorsFile.open(single) : ShardedSafetensors.open(index);
    }
    return path.toString().endsWith(".index.json")
        ? ShardedSafetensors.open(path)
        : SafetensorsFile.open(path);
  }

  /// The file or index that was opened, for messages.
  Path path();

  /// The names of all tensors.
  SortedSet<String> names();

  /// One tensor, without reading its bytes yet.
  ///
  /// @throws DataException when there is none of that name
  TensorData entry(String name) throws DataException;

  /// A floating-point tensor as fp32, see [TensorData#floats()].
  ///
  /// @throws DataException when there is none of that name, or it has another type
  default float[] floats(String name) throws DataException {
    TensorData data = entry(name);
    try {
      return data.floats();
    } catch (IllegalArgumentException e) {
      throw new DataException(path() + ": tensor " + Quote.of(name) + " " + e.getMessage(), e);
    }
  }

  /// An integer or boolean tensor, see [TensorData#longs()].
  ///
  /// @throws DataException when there is none of that name, or it has another type
  default long[] longs(String name) throws DataException {
    TensorData data = entry(name);
    try {
      return data.longs();
    } catch (IllegalArgumentException e) {
      throw new DataException(path() + ": tensor " + Quote.of(name) + " " + e.getMessage(), e);
    }
  }

  @Override
  void close();
}
