package dev.eosin.tensor;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/// How fast a machine's libraries multiply matrices of fp32 that are as large as those of a ViT's
/// blocks, for each kind of product.
public record ProductRates(Pair forward, Pair inputGradient, Pair weightGradient) {
  private static final ProcessorTime PROCESSOR = ProcessorTime.find();
  private static final int ROWS = 800;
  private static final int NARROW = 768;
  private static final int WIDE = 3072;
  private static final int TRIES = 8;

  /// What a library must gain over the usual one to be taken instead: less than that is within what
  /// a busy machine adds, and would change a run's last digits for nothing.
  private static final double WORTH = 1.05;

  /// GFLOP/s of a library's best try.
  ///
  /// @param clock by the clock
  /// @param processor by the time that processors worked, which what else a machine does hardly
  ///   changes
  public record Rate(double clock, double processor) {
    private boolean isRate() {
      return clock > 0 && processor > 0 && Double.isFinite(clock + processor);
    }

    /// A gain that is seen one way alone is a busy machine's.
    private boolean isWorthMoreThan(Rate other) {
      return clock > WORTH * other.clock && processor > WORTH * other.processor;
    }
  }

  /// Both libraries'.
  public record Pair(Rate libtorch, Rate oneDnn) {
    private boolean areRates() {
      return libtorch != null && oneDnn != null && libtorch.isRate() && oneDnn.isRate();
    }

    private MatrixProducts.Library faster(MatrixProducts.Library usual) {
      return switch (usual) {
        case LIBTORCH -> oneDnn.isWorthMoreThan(libtorch) ? MatrixProducts.Library.ONEDNN : usual;
        case ONEDNN -> libtorch.isWorthMoreThan(oneDnn) ? MatrixProducts.Library.LIBTORCH : usual;
      };
    }

    private String told() {
      return String.format(
          Locale.ROOT,
          "%.0f and %.0f (%.0f and %.0f by processor time)",
          oneDnn.clock,
          libtorch.clock,
          oneDnn.processor,
          libtorch.processor);
    }
  }

  /// Multiplies on this machine's CPU, for a second or two on two cores.
  ///
  /// @param threads of one product
  public static ProductRates measure(int threads) {
    Map<MatrixProducts.Library, Engine> engines = new EnumMap<>(MatrixProducts.Library.class);
    engines.put(MatrixProducts.Library.LIBTORCH, engine(threads, MatrixProducts.LIBTORCH));
    engines.put(MatrixProducts.Library.ONEDNN, engine(threads, MatrixProducts.ONEDNN));
    Engine any = Objects.requireNonNull(engines.get(MatrixProducts.Library.LIBTORCH));
    try (Tensor x = matrix(any, ROWS, NARROW);
        Tensor w = matrix(any, WIDE, NARROW);
        Tensor b = matrix(any, WIDE);
        Tensor d = matrix(any, ROWS, WIDE)) {
      return new ProductRates(
          measure(threads, engines, engine -> engine.kernels().one("product", x, w, b)),
          measure(threads, engines, engine -> engine.kernels().one("product_input", d, w)),
          measure(threads, engines, engine -> engine.kernels().one("product_weight", d, x)));
    }
  }

  private static Tensor matrix(Engine engine, long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 17 - 8;
    }
    return engine.of(values, shape);
  }

  private static Engine engine(int threads, MatrixProducts products) {
    return Engine.start(Device.CPU, threads, products, KernelListener.NONE);
  }

  /// By turns, so that what disturbs one disturbs the other.
  private static Pair measure(
      int threads, Map<MatrixProducts.Library, Engine> engines, Function<Engine, Tensor> product) {
    Map<MatrixProducts.Library, Rate> best = new EnumMap<>(MatrixProducts.Library.class);
    for (int i = 0; i < TRIES; i++) {
      engines.forEach(
          (library, engine) ->
              best.merge(library, timed(threads, engine, product), ProductRates::better));
    }
    return new Pair(
        Objects.requireNonNull(best.get(MatrixProducts.Library.LIBTORCH)),
        Objects.requireNonNull(best.get(MatrixProducts.Library.ONEDNN)));
  }

  private static Rate better(Rate a, Rate b) {
    return new Rate(Math.max(a.clock, b.clock), Math.max(a.processor, b.processor));
  }

  private static Rate timed(int threads, Engine engine, Function<Engine, Tensor> product) {
    double flops = 2.0 * ROWS * NARROW * WIDE;
    OptionalLong worked = PROCESSOR.nanos();
    long started = System.nanoTime();
    product.apply(engine).close();
    double clock = flops / (System.nanoTime() - started);
    OptionalLong since = PROCESSOR.nanos();
    return new Rate(
        clock,
        worked.isPresent() && since.isPresent()
            ? flops * threads / (since.getAsLong() - worked.getAsLong())
            : clock); // a system that does not tell
  }

  /// Whether these can be rates.
  public boolean areRates() {
    return Stream.of(forward, inputGradient, weightGradient)
        .allMatch(pair -> pair != null && pair.areRates());
  }

  /// For each kind the usual library, unless the other is clearly faster.
  public MatrixProducts choice(MatrixProducts usual) {
    return new MatrixProducts(
        forward.faster(usual.forward()),
        inputGradient.faster(usual.inputGradient()),
        weightGradient.faster(usual.weightGradient()));
  }

  /// The figures, to be read by people.
  public String told() {
    return "GFLOP/s by oneDNN and by libtorch's default: x wT %s, d w %s, dT x %s"
        .formatted(forward.told(), inputGradient.told(), weightGradient.told());
  }
}
