package dev.eosin.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;

/// A model's weights by name. Allocated ones lie in flat buckets: one for the compute type, one for
/// fp32 masters where the compute type is narrower. Others may be mapped: used in place in the
/// files that hold them, in the type that they have there.
public final class ParameterSet implements AutoCloseable {
  /// What to allocate.
  ///
  /// @param name unique
  /// @param shape sizes, outermost first; none for a scalar
  /// @param trainable whether gradients are computed
  /// @param fullPrecision keep fp32 even where the model computes in bf16 (logit scale and bias)
  /// @param mastered keep the fp32 value beside a narrower one
  @SuppressWarnings("ArrayRecordComponent") // shapes are arrays throughout this package
  public record Spec(
      String name, long[] shape, boolean trainable, boolean fullPrecision, boolean mastered) {
    /// Mastered where it is trainable.
    public Spec(String name, long[] shape, boolean trainable, boolean fullPrecision) {
      this(name, shape, trainable, fullPrecision, trainable);
    }
  }

  private final Engine engine;
  private final Map<String, Parameter> parameters;
  private final List<Bucket> buckets;
  private final List<MappedTensors> mapped;

  private ParameterSet(
      Engine engine,
      Map<String, Parameter> parameters,
      List<Bucket> buckets,
      List<MappedTensors> mapped) {
    this.engine = engine;
    this.parameters = parameters;
    this.buckets = buckets;
    this.mapped = List.copyOf(mapped);
  }

  /// Allocates zeros for every spec. Mastered parameters of a narrower `compute` type get an fp32
  /// master.
  public static ParameterSet allocate(Engine engine, List<Spec> specs, DType compute) {
    return allocate(engine, specs, compute, List.of());
  }

  /// Allocates zeros for every spec that is not mapped.
  ///
  /// @param mapped tensors of the others, of whatever type kernels multiply with, and what they
  // need
  /// beside them; closed with this set
  ///
  /// @throws IllegalArgumentException when one has no spec or another shape, or is to be trained;
  ///   `mapped` stays the caller's then
  public static ParameterSet allocate(
      Engine engine, List<Spec> specs, DType compute, List<MappedTensors> mapped) {
    Map<String, Parameter> byName = inPlace(specs, mapped);
    var buckets = new ArrayList<Bucket>();
    Map<Kind, List<Spec>> kinds =
        specs.stream()
            .filter(spec -> !byName.containsKey(spec.name()))
            .collect(
                Collectors.groupingBy(
                    spec -> Kind.of(spec, compute), LinkedHashMap::new, Collectors.toList()));
    kinds.forEach((kind, members) -> allocate(engine, kind, members, buckets, byName));
    var ordered = new LinkedHashMap<String, Parameter>();
    for (Spec spec : specs) {
      Parameter parameter = byName.get(spec.name());
      if (parameter == null || ordered.put(spec.name(), parameter) != null) {
        throw new IllegalArgumentException("two parameters are named " + spec.name());
      }
    }
    addBeside(ordered, mapped);
    return new ParameterSet(engine, ordered, buckets, mapped);
  }

  private static void addBeside(Map<String, Parameter> ordered, List<MappedTensors> mapped) {
    for (MappedTensors tensors : mapped) {
      tensors
          .beside()
          .forEach(
              (name, data) -> {
                if (ordered.put(name, new Parameter(name, data, data, false, true)) != null) {
                  throw new IllegalArgumentException("two parameters are named " + name);
                }
              });
    }
  }

  private static Map<String, Parameter> inPlace(List<Spec> specs, List<MappedTensors> mapped) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (MappedTensors file : mapped) {
      for (Map.Entry<String, Tensor> tensor : file.tensors().entrySet()) {
        if (tensors.put(tensor.getKey(), tensor.getValue()) != null) {
          throw new IllegalArgumentException(tensor.getKey() + " is mapped twice");
        }
      }
    }
    var byName = new LinkedHashMap<String, Parameter>();
    for (Spec spec : specs) {
      Tensor data = tensors.remove(spec.name());
      if (data != null) {
        requireShape(spec.name(), spec.shape(), data);
        byName.put(spec.name(), new Parameter(spec.name(), data, data, spec.trainable(), true));
      }
    }
    if (!tensors.isEmpty()) {
      throw new IllegalArgumentException(
          "no parameter is named " + String.join(", ", tensors.keySet()) + ", yet it is mapped");
    }
    return byName;
  }

  private record Kind(DType dtype, boolean trainable, boolean mastered) {
    static Kind of(Spec spec, DType compute) {
      return new Kind(
          spec.fullPrecision() ? DType.FLOAT32 : compute, spec.trainable(), spec.mastered());
    }

    boolean shadowed() {
      return mastered && dtype != DType.FLOAT32;
    }
  }

  private static void allocate(
      Engine engine,
      Kind kind,
      List<Spec> specs,
      List<Bucket> buckets,
      Map<String, Parameter> parameters) {
    List<long[]> shapes = specs.stream().map(Spec::shape).toList();
    Bucket data = Bucket.zeros(engine, kind.dtype, shapes, kind.trainable);
    buckets.add(data);
    Bucket master = data;
    if (kind.shadowed()) {
      master = Bucket.zeros(engine, DType.FLOAT32, shapes, false);
      buckets.add(master);
    }
    for (int i = 0; i < specs.size(); i++) {
      String name = specs.get(i).name();
      parameters.put(
          name,
          new Parameter(name, data.views().get(i), master.views().get(i), kind.trainable, false));
    }
  }

  /// @throws IllegalArgumentException when there is no such parameter
  public Parameter get(String name) {
    Parameter parameter = parameters.get(name);
    if (parameter == null) {
      throw new IllegalArgumentException("no parameter is named " + name);
    }
    return parameter;
  }

  /// Several, in the order of their names.
  ///
  /// @throws IllegalArgumentException when there is no such parameter
  public List<Parameter> named(String... names) {
    return java.util.Arrays.stream(names).map(this::get).toList();
  }

  /// All, in the order of their specs; then what stands beside mapped ones.
  public Collection<Parameter> all() {
    return parameters.values();
  }

  /// Those that checkpoints hold: all but mapped ones.
  public List<Parameter> saved() {
    return parameters.values().stream().filter(Parameter::saved).toList();
  }

  public List<Parameter> trainable() {
    return parameters.values().stream().filter(Parameter::trainable).toList();
  }

  /// Writes values (any floating type, same shape) into a parameter, its master and its shadow.
  ///
  /// @throws IllegalArgumentException when the parameter is mapped or of another shape
  public void assign(String name, Tensor values) {
    Parameter parameter = writable(name);
    requireShape(name, parameter.data().shape(), values);
    engine.kernels().run("assign", parameter.master(), values);
    if (parameter.shadowed()) {
      engine.kernels().run("assign", parameter.data(), values);
    }
  }

  private Parameter writable(String name) {
    Parameter parameter = get(name);
    if (parameter.mapped()) {
      throw new IllegalArgumentException(
          name + " is used in place in its file and cannot be written");
    }
    return parameter;
  }

  private static void requireShape(String name, long[] shape, Tensor values) {
    if (!java.util.Arrays.equals(shape, values.shape())) {
      throw new IllegalArgumentException(
          "%s has shape %s, the values have %s"
              .formatted(
                  name,
                  java.util.Arrays.toString(shape),
                  java.util.Arrays.toString(values.shape())));
    }
  }

  /// Writes one value after the other, in row-major order, into a parameter, its master and its
  /// shadow.
  ///
  /// @throws IllegalArgumentException when the parameter is mapped
  public void fill(String name, DoubleSupplier values) {
    long[] shape = writable(name).data().shape();
    try (Tensor host =
        engine.kernels().one("zeros", shape, DType.FLOAT32.scalarType(), Device.CPU.torchName())) {
      MemorySegment memory = host.segment();
      long elements = host.elements();
      for (long i = 0; i < elements; i++) {
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values.getAsDouble());
      }
      assign(name, host);
    }
  }

  /// Number of weights, what stands beside mapped ones included.
  public long count() {
    return parameters.values().stream().mapToLong(p -> p.data().elements()).sum();
  }

  public Engine engine() {
    return engine;
  }

  @Override
  public void close() {
    buckets.forEach(Bucket::close);
    mapped.forEach(MappedTensors::close);
  }
}
