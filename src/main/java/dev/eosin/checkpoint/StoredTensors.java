package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/// Named tensors on disk, read when asked. Thread safe.
///
/// Closing ends the life of every [TensorData] it gave.
public interface StoredTensors extends AutoCloseable {
  /// Opens a safetensors file, a file that `torch.save` or `torch.jit.save` wrote, the index of
  /// several, or a folder with one of them under a usual name. What a file is, its first bytes say,
  /// not its extension.
  ///
  /// @throws DataException naming the file and what is wrong with it
  static StoredTensors open(Path path) throws DataException {
    return open(path, ModelFiles.ANY);
  }

  /// As [#open(Path)]; in a folder that holds a model twice, as the wanted files.
  ///
  /// @throws DataException naming the file and what is wrong with it
  static StoredTensors open(Path path, ModelFiles wanted) throws DataException {
    Path file = Files.isDirectory(path) ? wanted.in(path) : path;
    return switch (StoredFormat.of(file)) {
      case SAFETENSORS -> SafetensorsFile.open(file);
      case INDEX -> ShardedTensors.open(file);
      case TORCH -> TorchFile.open(file);
    };
  }

  /// The file or index that was opened, for messages.
  Path path();

  /// Every file that is read: that one, and those that an index names.
  default List<Path> files() {
    return List.of(path());
  }

  /// The names of all tensors.
  SortedSet<String> names();

  /// Names of what lies beside the weights in the same file, for example `optimizer`; never read.
  default List<String> beside() {
    return List.of();
  }

  /// What is wrong with a tensor's numbers, by the names in the file of those that make it up;
  /// empty where all are finite. Reads them.
  ///
  /// @throws DataException when there is none of that name
  default Map<String, String> faults(String name) throws DataException {
    return Finiteness.of(entry(name)).fault().map(fault -> Map.of(name, fault)).orElseGet(Map::of);
  }

  /// What was done to show the tensors as they are shown here, for the user.
  default List<String> notes() {
    return List.of();
  }

  /// What kind of file this is, for people: `safetensors`, `torch.save`.
  String kind();

  /// Type and shape of one tensor; its contents are not looked at.
  ///
  /// @throws DataException when there is none of that name
  default TensorHeader header(String name) throws DataException {
    TensorData data = entry(name);
    return new TensorHeader(data.type(), data.shape());
  }

  /// Whether all tensors of some names are of a type.
  ///
  /// @throws DataException when there is none of a name
  default boolean allOf(StoredType type, Collection<String> some) throws DataException {
    for (String name : some) {
      if (header(name).type() != type) {
        return false;
      }
    }
    return true;
  }

  /// One tensor, without reading its bytes yet.
  ///
  /// @throws DataException when there is none of that name
  TensorData entry(String name) throws DataException;

  /// The numbers of one floating-point tensor, for who goes through them once.
  ///
  /// @throws DataException when there is none of that name
  default Elements elements(String name) throws DataException {
    return Elements.of(entry(name));
  }

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
