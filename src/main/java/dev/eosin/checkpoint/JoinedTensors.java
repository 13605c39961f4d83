package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// A model whose weights lie in several files, as one. Where several have a name, the first counts.
///
/// @param parts at least one; closed with this
public record JoinedTensors(List<StoredTensors> parts) implements StoredTensors {
  public JoinedTensors {
    parts = List.copyOf(parts);
  }

  private StoredTensors part(String name) {
    return parts.stream()
        .filter(part -> part.names().contains(name))
        .findFirst()
        .orElse(parts.getFirst());
  }

  @Override
  public Path path() {
    return parts.getFirst().path();
  }

  @Override
  public List<Path> files() {
    List<Path> files = new ArrayList<>();
    parts.forEach(part -> files.addAll(part.files()));
    return files;
  }

  @Override
  public SortedSet<String> names() {
    SortedSet<String> names = new TreeSet<>();
    parts.forEach(part -> names.addAll(part.names()));
    return Collections.unmodifiableSortedSet(names);
  }

  @Override
  public List<String> notes() {
    return parts.stream().flatMap(part -> part.notes().stream()).toList();
  }

  @Override
  public String kind() {
    return parts.getFirst().kind();
  }

  @Override
  public TensorHeader header(String name) throws DataException {
    return part(name).header(name);
  }

  @Override
  public TensorData entry(String name) throws DataException {
    return part(name).entry(name);
  }

  @Override
  public Elements elements(String name) throws DataException {
    return part(name).elements(name);
  }

  @Override
  public Map<String, String> faults(String name) throws DataException {
    return part(name).faults(name);
  }

  @Override
  public void close() {
    parts.forEach(StoredTensors::close);
  }
}
