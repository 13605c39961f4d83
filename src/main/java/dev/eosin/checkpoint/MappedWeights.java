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
import java.util.Set;

/// Frozen weights that are used in place in their file, in the type that they have there. Their
/// pages are the system's: it reads them when they are first used, and may drop them again.
///
/// On a CUDA device nothing can be used in place: every tensor is copied to it, one after the
/// other. That way has never run on one.
///
/// @param tensors for a `ParameterSet`, which closes the file with them
/// @param bytes of all tensors
/// @param narrowed bytes in memory of those that were made int8 on the way; see [#open(Engine,
///   StoredTensors, Layout, Map, Set)]
/// @param copied bytes of those that could not be used in place: not aligned to their elements, or
///   not in row-major order in a file of torch.save; all of them on a CUDA device
public record MappedWeights(MappedTensors tensors, long bytes, long narrowed, long copied) {
  private static final int MOST_LINES = 20;

  /// Elements of a weight that are fp32 at a time while it is made int8.
  private static final long NARROWED_AT_ONCE = 1 << 18;

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
    return open(engine, file, layout, shapes, Set.of());
  }

  /// As above, but for some matrices [n,k], of which a copy in int8 is made: each row's elements
  /// are whole numbers in [-127,127] times the row's scale, its largest element through 127. One
  /// matrix after the other, and its file's pages are given back, so that memory grows by nothing
  /// but the result. Scales become parameters of their own, named by [#scales].
  ///
  /// @param int8 names of those, by Eosin's names
  /// @throws DataException as above, and naming a matrix that has elements which are not finite
  public static MappedWeights open(
      Engine engine,
      StoredTensors file,
      Layout layout,
      Map<String, List<Long>> shapes,
      Set<String> int8)
      throws DataException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, Tensor> scales = new LinkedHashMap<>();
    long bytes = 0;
    long narrowed = 0;
    long copied = 0;
    try {
      sizes(file, layout, shapes);
      StoredTensors own = layout.read(file, shapes);
      for (String name : shapes.keySet()) {
        TensorData data = own.entry(name);
        DType type = usable(data.type()).orElseThrow();
        bytes += data.bytes().byteSize();
        if (int8.contains(name)) {
          List<Tensor> made = int8(engine, data, file.path() + ": " + name);
          tensors.put(name, made.getFirst());
          scales.put(scales(name), made.getLast());
          narrowed += made.getFirst().elements() + made.getLast().elements() * Float.BYTES;
        } else if (usableInPlace(engine, data)) {
          tensors.put(name, engine.mapped(data.bytes(), type, data, data.dimensions()));
        } else {
          tensors.put(name, engine.copied(data.bytes(), type, data.dimensions()));
          copied += data.bytes().byteSize();
          data.unload();
        }
      }
    } catch (DataException | RuntimeException | Error e) {
      new MappedTensors(tensors, scales, file::close).close();
      throw e;
    }
    var all = new MappedTensors(tensors, scales, file::close);
    return new MappedWeights(all, bytes, narrowed, copied);
  }

  /// The name of the scales `[n]` of an int8 weight [n,k].
  public static String scales(String weight) {
    return weight + ".int8-scales";
  }

  /// Integers and scales; the caller closes them.
  private static List<Tensor> int8(Engine engine, TensorData data, String name)
      throws DataException {
    DType type = usable(data.type()).orElseThrow();
    boolean inPlace = usableInPlace(engine, data);
    List<Tensor> made;
    try (Tensor weight =
        inPlace
            ? engine.mapped(data.bytes(), type, data, data.dimensions())
            : engine.copied(data.bytes(), type, data.dimensions())) {
      long rows = Math.max(1, NARROWED_AT_ONCE / Math.max(1, weight.size(1)));
      made = engine.kernels().list("int8_weight", weight, rows);
    }
    data.unload();
    for (float scale : made.getLast().toFloats()) {
      if (!Float.isFinite(scale)) {
        made.forEach(Tensor::close);
        throw new DataException(
            name + ": has elements that are not finite, which no int8 can stand for");
      }
    }
    return made;
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
