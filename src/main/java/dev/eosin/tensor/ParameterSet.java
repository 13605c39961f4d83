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

/// A model's weights by name, in flat buckets: one for the compute type, one for fp32 masters where
/// the compute type is narrower.
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

  private ParameterSet(Engine engine, Map<String, Parameter> parameters, List<Bucket> buckets) {
    this.engine = engine;
    this.parameters = parameters;
    this.buckets = buckets;
  }

  /// Allocates zeros for every spec. Mastered parameters of a narrower `compute` type get an fp32
  /// master.
  public static ParameterSet allocate(Engine engine, List<Spec> specs, DType compute) {
    var byName = new LinkedHashMap<String, Parameter>();
    var buckets = new ArrayList<Bucket>();
    Map<Kind, List<Spec>> kinds =
        specs.stream()
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
    return new ParameterSet(engine, ordered, buckets);
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
          name, new Parameter(name, data.views().get(i), master.views().get(i), kind.trainable));
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

  /// All, in the order of their specs.
  public Collection<Parameter> all() {
    return parameters.values();
  }

  public List<Parameter> trainable() {
    return parameters.values().stream().filter(Parameter::trainable).toList();
  }

  /// Writes values (any floating type, same shape) into a parameter, its master and its shadow.
  public void assign(String name, Tensor values) {
    Parameter parameter = get(name);
    if (!java.util.Arrays.equals(parameter.data().shape(), values.shape())) {
      throw new IllegalArgumentException(
          "%s has shape %s, the values have %s"
              .formatted(
                  name,
                  java.util.Arrays.toString(parameter.data().shape()),
                  java.util.Arrays.toString(values.shape())));
    }
    engine.kernels().run("assign", parameter.master(), values);
    if (parameter.shadowed()) {
      engine.kernels().run("assign", parameter.data(), values);
    }
  }

  /// Writes one value after the other, in row-major order, into a parameter, its master and its
  /// shadow.
  public void fill(String name, DoubleSupplier values) {
    try (Tensor host =
        engine
            .kernels()
            .one(
                "zeros",
                get(name).data().shape(),
                DType.FLOAT32.scalarType(),
                Device.CPU.torchName())) {
      MemorySegment memory = host.segment();
      long elements = host.elements();
      for (long i = 0; i < elements; i++) {
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values.getAsDouble());
      }
      assign(name, host);
    }
  }

  /// Number of weights.
  public long count() {
    return parameters.values().stream().mapToLong(p -> p.data().elements()).sum();
  }

  public Engine engine() {
    return engine;
  }

  @Override
  public void close() {
    buckets.forEach(Bucket::close);
  }
}
