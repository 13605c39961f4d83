package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/// A foreign file seen under Eosin's names.
///
/// @param rules by Eosin's name
record TranslatedTensors(StoredTensors file, Map<String, TensorRule> rules)
    implements StoredTensors {
  TranslatedTensors {
    rules = Map.copyOf(rules);
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public List<Path> files() {
    return file.files();
  }

  @Override
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(rules.keySet()));
  }

  @Override
  public List<String> notes() {
    return file.notes();
  }

  @Override
  public String kind() {
    return file.kind();
  }

  @Override
  public TensorHeader header(String name) throws DataException {
    TensorRule rule = required(name);
    List<TensorHeader> foreign = new ArrayList<>();
    for (String foreignName : rule.foreignNames()) {
      foreign.add(file.header(foreignName));
    }
    return translated(name, () -> rule.header(foreign));
  }

  @Override
  public TensorData entry(String name) throws DataException {
    TensorRule rule = required(name);
    List<TensorData> foreign = new ArrayList<>();
    for (String foreignName : rule.foreignNames()) {
      foreign.add(file.entry(foreignName));
    }
    return translated(name, () -> rule.read(foreign));
  }

  @Override
  public Map<String, String> faults(String name) throws DataException {
    Map<String, String> faults = new TreeMap<>();
    for (String foreign : required(name).foreignNames()) {
      faults.putAll(file.faults(foreign));
    }
    return faults;
  }

  private TensorRule required(String name) throws DataException {
    TensorRule rule = rules.get(name);
    if (rule == null) {
      throw new DataException(path() + ": has no tensor for " + Quote.of(name));
    }
    return rule;
  }

  private <T> T translated(String name, Supplier<T> reading) throws DataException {
    try {
      return reading.get();
    } catch (IllegalArgumentException e) {
      throw new DataException(
          path() + ": tensor " + name + " cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
