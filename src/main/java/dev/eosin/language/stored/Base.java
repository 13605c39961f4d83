package dev.eosin.language.stored;

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
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What becomes of a frozen model's weights.
@Doc("What becomes of a frozen model's weights.")
public enum Base {
  /// Used in place in their files, in the type that they have there.
  @Named("mapped")
  MAPPED,
  /// Copied to fp32, which takes twice the memory of bf16 and is exact.
  @Named("converted")
  CONVERTED,
  /// The linears of a decoder's blocks rounded to int8, a scale for each output, which takes half
  /// the memory of bf16; everything else used in place. See `docs/decisions`.
  @Named("int8")
  INT8;

  /// Opens weights that are only read.
  ///
  /// @param file taken over, also where this throws
  /// @param names what the file calls them
  /// @param shapes of those that are wanted, by Eosin's names
  /// @param linears names of the model's linears, wanted or not;
  ///   [dev.eosin.language.Decoder#linears]
  /// @throws DataException where they are not those of the model, or a type is none that kernels
  ///   compute with
  public MappedTensors open(
      Engine engine,
      StoredTensors file,
      Layout names,
      Map<String, List<Long>> shapes,
      List<String> linears)
      throws DataException {
    return switch (this) {
      case MAPPED -> MappedWeights.open(engine, file, names, shapes).tensors();
      case CONVERTED -> copies(engine, file, names, shapes);
      case INT8 ->
          MappedWeights.open(engine, file, names, shapes, wanted(shapes, linears)).tensors();
    };
  }

  private static Set<String> wanted(Map<String, List<Long>> shapes, List<String> linears) {
    return linears.stream().filter(shapes::containsKey).collect(Collectors.toUnmodifiableSet());
  }

  /// The bytes of each weight that [#open] opens; reads no contents.
  ///
  /// @param file not closed
  /// @throws DataException as [#open]
  public Map<String, Long> bytes(
      StoredTensors file, Layout names, Map<String, List<Long>> shapes, List<String> linears)
      throws DataException {
    if (this == CONVERTED) {
      Map<String, Long> sizes = new LinkedHashMap<>();
      shapes.forEach((name, shape) -> sizes.put(name, elements(shape) * Float.BYTES));
      return sizes;
    }
    Map<String, Long> sizes = new LinkedHashMap<>(MappedWeights.sizes(file, names, shapes));
    if (this == INT8) {
      for (String name : wanted(shapes, linears)) {
        List<Long> shape = Objects.requireNonNull(shapes.get(name));
        sizes.put(name, elements(shape) + shape.getFirst() * Float.BYTES);
      }
    }
    return sizes;
  }

  /// What a user should know of what becomes of the weights.
  ///
  /// @param file not closed
  /// @return one line where weights are rounded, which says how many
  /// @throws DataException as [#open]
  public Optional<String> note(
      StoredTensors file, Layout names, Map<String, List<Long>> shapes, List<String> linears)
      throws DataException {
    Set<String> rounded = wanted(shapes, linears);
    if (this != INT8 || rounded.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Long> before = MAPPED.bytes(file, names, shapes, linears);
    Map<String, Long> after = bytes(file, names, shapes, linears);
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%s: %,d of %,d tensors, %,d weights of linears, are rounded to int8 in memory: %,d bytes instead of %,d; the others are used in place",
            file.path(),
            rounded.size(),
            shapes.size(),
            rounded.stream()
                .mapToLong(name -> elements(shapes.getOrDefault(name, List.of())))
                .sum(),
            sum(after, rounded),
            sum(before, rounded)));
  }

  private static long sum(Map<String, Long> sizes, Set<String> names) {
    return names.stream().mapToLong(name -> sizes.getOrDefault(name, 0L)).sum();
  }

  private static long elements(List<Long> shape) {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /// What answers depend on because of this: nothing where weights are the file's.
  public Map<String, String> pins() {
    return this == INT8 ? Map.of("base", "int8") : Map.of();
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
