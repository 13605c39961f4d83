package dev.eosin.model;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Stream;

/// A file's tensors, some of them replaced by those of another file.
public record OverlaidTensors(StoredTensors below, StoredTensors above) implements StoredTensors {
  @Override
  public Path path() {
    return above.path();
  }

  @Override
  public List<Path> files() {
    return Stream.of(below, above).flatMap(each -> each.files().stream()).toList();
  }

  @Override
  public SortedSet<String> names() {
    return below.names();
  }

  @Override
  public String kind() {
    return above.kind();
  }

  @Override
  public TensorData entry(String name) throws DataException {
    return above.names().contains(name) ? above.entry(name) : below.entry(name);
  }

  @Override
  public void close() {
    above.close();
    below.close();
  }
}
