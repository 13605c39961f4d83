package dev.eosin.language;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.MappedWeights;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What becomes of a frozen model's weights.
@Doc("What becomes of a frozen model's weights.")
public enum Base {
  /// Used in place in their files, in the type that they have there.
  @Named("mapped")
  MAPPED,
  /// Copied to fp32, which takes twice the memory of bf16 and is exact.
  @Named("converted")
  CONVERTED;

  /// Opens weights that are only read.
  ///
  /// @param file taken over, also where this throws
  /// @param names what the file calls them
  /// @param shapes of those that are wanted, by Eosin's names
  /// @throws DataException where they are not those of the model, or a type is none that kernels
  ///   compute with
  public MappedTensors open(
      Engine engine, StoredTensors file, Layout names, Map<String, List<Long>> shapes)
      throws DataException {
    return switch (this) {
      case MAPPED -> MappedWeights.open(engine, file, names, shapes).tensors();
      case CONVERTED -> copies(engine, file, names, shapes);
    };
  }

  private static MappedTensors copies(
      Engine engine, StoredTensors opened, Layout names, Map<String, List<Long>> shapes)
      throws DataException {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    try (StoredTensors file = opened) {
      StoredTensors own = names.read(file, shapes);
      for (String name : shapes.keySet()) {
        long[] shape = shapes.get(name).stream().mapToLong(Long::longValue).toArray();
        copies.put(name, engine.of(own.floats(name), shape));
      }
      return new MappedTensors(copies, () -> {});
    } catch (DataException | RuntimeException | Error e) {
      copies.values().forEach(Tensor::close);
      throw e;
    }
  }
}
