package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

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
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(rules.keySet()));
  }

  @Override
  public TensorData entry(String name) throws DataException {
    TensorRule rule = rules.get(name);
    if (rule == null) {
      throw new DataException(path() + ": has no tensor for " + Quote.of(name));
    }
    List<TensorData> foreign = new ArrayList<>();
    for (String foreignName : rule.foreignNames()) {
      foreign.add(file.entry(foreignName));
    }
    try {
      return rule.read(foreign);
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
