package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Collects what is wrong with a model's numbers while its tensors are read. For one thread.
public final class FiniteWeights {
  private static final int MOST_LINES = 12;

  private final SortedMap<String, String> faults = new TreeMap<>();

  /// What is wrong with a file's tensors but for its buffers, attention masks among them, which may
  /// be infinite. Reads all of them.
  ///
  /// @throws DataException when one cannot be read
  public static FiniteWeights of(StoredTensors file) throws DataException {
    var found = new FiniteWeights();
    for (String name : file.names()) {
      if (file.header(name).type().isFloating() && !Layout.isBuffer(name)) {
        found.look(name, file);
      }
    }
    return found;
  }

  /// Reads a tensor and looks at it.
  ///
  /// @throws DataException when it cannot be read
  public TensorData look(String name, StoredTensors file) throws DataException {
    TensorData data = file.entry(name);
    if (Finiteness.of(data).fault().isPresent()) {
      faults.putAll(file.faults(name));
    }
    return data;
  }

  /// A tensor of a file as it will be written, looked at whenever its contents are made.
  public PendingTensor looking(String name, StoredTensors file, PendingTensor tensor) {
    return new PendingTensor(
        tensor.type(),
        tensor.shape(),
        () -> {
          TensorData data = tensor.data().get();
          if (Finiteness.of(data).fault().isPresent()) {
            try {
              faults.putAll(file.faults(name));
            } catch (DataException e) {
              throw new UncheckedIOException(e);
            }
          }
          return data;
        });
  }

  /// What is wrong by name of the tensor.
  public SortedMap<String, String> faults() {
    return Collections.unmodifiableSortedMap(faults);
  }

  /// One line that says it, then one per tensor; empty where all numbers are finite.
  public Optional<String> report() {
    if (faults.isEmpty()) {
      return Optional.empty();
    }
    var text =
        new StringBuilder(
            "%d of its tensors %s numbers that are not finite"
                .formatted(faults.size(), faults.size() == 1 ? "holds" : "hold"));
    List<Map.Entry<String, String>> told = faults.entrySet().stream().limit(MOST_LINES).toList();
    told.forEach(
        fault -> text.append("\n  %s: %s".formatted(Quote.line(fault.getKey()), fault.getValue())));
    if (faults.size() > told.size()) {
      text.append("\n  ... and %d more".formatted(faults.size() - told.size()));
    }
    return Optional.of(text.toString());
  }

  /// @throws DataException naming the file, the tensors and how many numbers are not finite
  public void require(Path path) throws DataException {
    Optional<String> report = report();
    if (report.isPresent()) {
      throw new DataException(
          "%s: every embedding of these weights would be NaN: %s".formatted(path, report.get()));
    }
  }
}
