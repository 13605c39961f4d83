package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Frozen weights that are used in place in their file, in the type that they have there. Their
/// pages are the system's: it reads them when they are first used, and may drop them again.
///
/// On a CUDA device nothing can be used in place: every tensor is copied to it, one after the
/// other. That way has never run on one.
///
/// @param tensors for a `ParameterSet`, which closes the file with them
/// @param bytes of all tensors
/// @param copied bytes of those that could not be used in place: not aligned to their elements, or
///   not in row-major order in a file of torch.save; all of them on a CUDA device
public record MappedWeights(MappedTensors tensors, long bytes, long copied) {
  private static final int MOST_LINES = 20;

  /// Opens weights without reading them; of a file of torch.save, checksums are compared and so all
  /// is read once.
  ///
  /// @param file taken over, also where this throws; it must not shrink while it is open
  /// @param layout in which every one of them is kept as it is used
  /// @param shapes of the parameters that the file holds, by Eosin's names
  /// @throws DataException as [Layout#read] and [#sizes]
  public static MappedWeights open(
      Engine engine, StoredTensors file, Layout layout, Map<String, List<Long>> shapes)
      throws DataException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    long bytes = 0;
    long copied = 0;
    try {
      sizes(file, layout, shapes);
      StoredTensors own = layout.read(file, shapes);
      for (String name : shapes.keySet()) {
        TensorData data = own.entry(name);
        DType type = usable(data.type()).orElseThrow();
        bytes += data.bytes().byteSize();
        if (usableInPlace(engine, data)) {
          tensors.put(name, engine.mapped(data.bytes(), type, data, data.dimensions()));
        } else {
          tensors.put(name, engine.copied(data.bytes(), type, data.dimensions()));
          copied += data.bytes().byteSize();
          data.unload();
        }
      }
    } catch (DataException | RuntimeException | Error e) {
      new MappedTensors(tensors, file::close).close();
      throw e;
    }
    return new MappedWeights(new MappedTensors(tensors, file::close), bytes, copied);
  }

  /// The bytes of each weight, for a plan; reads no contents.
  ///
  /// @param layout as for [#open]
  /// @param shapes as for [#open]
  /// @throws DataException naming every tensor that the layout rearranges and every one of a type
  ///   that no kernel computes with; and as [Layout#read]
  public static Map<String, Long> sizes(
      StoredTensors file, Layout layout, Map<String, List<Long>> shapes) throws DataException {
    StoredTensors own = layout.read(file, shapes);
    Map<String, Long> sizes = new LinkedHashMap<>();
    List<String> unusable = new ArrayList<>();
    for (TensorRule rule : layout.rules()) {
      if (shapes.containsKey(rule.name())) {
        TensorHeader header = own.header(rule.name());
        sizes.put(rule.name(), header.elements() * header.type().bytes());
        obstacle(rule, header).ifPresent(unusable::add);
      }
    }
    if (!unusable.isEmpty()) {
      throw new DataException(
          "%s: %d of %d tensors cannot be used in place; train with copies of them (locked), or convert the file:%s"
              .formatted(file.path(), unusable.size(), sizes.size(), lines(unusable)));
    }
    return Collections.unmodifiableMap(sizes);
  }

  private static Optional<String> obstacle(TensorRule rule, TensorHeader header) {
    String foreign = Quote.line(String.join(", ", rule.foreignNames()));
    return switch (rule) {
      case TensorRule.Copy copy when usable(header.type()).isPresent() -> Optional.empty();
      case TensorRule.Copy copy ->
          Optional.of(
              "%s is %s, kernels compute with F32, BF16 and F16".formatted(foreign, header.type()));
      case TensorRule.Stack stack -> rearranged(rule, "stacked from " + foreign);
      case TensorRule.StackAroundZeros stack -> rearranged(rule, "stacked from " + foreign);
      case TensorRule.Transpose transpose -> rearranged(rule, "the transpose of " + foreign);
      case TensorRule.Repeat repeat -> rearranged(rule, "kept several times, as " + foreign);
      case TensorRule.Scalar scalar -> rearranged(rule, "the one number in " + foreign);
    };
  }

  private static Optional<String> rearranged(TensorRule rule, String how) {
    return Optional.of("%s is not in the file as it is used: it is %s".formatted(rule.name(), how));
  }

  private static String lines(List<String> unusable) {
    StringBuilder lines = new StringBuilder();
    unusable.stream().limit(MOST_LINES).forEach(line -> lines.append("\n  ").append(line));
    if (unusable.size() > MOST_LINES) {
      lines.append("\n  ... and %d more".formatted(unusable.size() - MOST_LINES));
    }
    return lines.toString();
  }

  private static Optional<DType> usable(StoredType type) {
    return switch (type) {
      case F32 -> Optional.of(DType.FLOAT32);
      case F16 -> Optional.of(DType.FLOAT16);
      case BF16 -> Optional.of(DType.BFLOAT16);
      case F64, I64, I32, I16, I8, U8, BOOL -> Optional.empty();
    };
  }

  private static boolean usableInPlace(Engine engine, TensorData data) {
    return switch (engine.device()) {
      case Device.Cpu() ->
          data.bytes().isMapped() && data.bytes().address() % data.type().bytes() == 0;
      case Device.Cuda cuda -> false;
    };
  }
}
