package dev.eosin.model;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;

/// A file's tensors, seen as they are but for what an implementation overrides.
public interface DerivedTensors extends StoredTensors {
  /// What is looked through; closed with this.
  StoredTensors file();

  @Override
  default Path path() {
    return file().path();
  }

  @Override
  default SortedSet<String> names() {
    return file().names();
  }

  @Override
  default List<String> beside() {
    return file().beside();
  }

  @Override
  default List<String> notes() {
    return file().notes();
  }

  @Override
  default String kind() {
    return file().kind();
  }

  @Override
  default TensorHeader header(String name) throws DataException {
    return file().header(name);
  }

  @Override
  default TensorData entry(String name) throws DataException {
    return file().entry(name);
  }

  @Override
  default void close() {
    file().close();
  }
}
