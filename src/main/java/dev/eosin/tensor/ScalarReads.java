package dev.eosin.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/// Numbers that a host wants of a device: each as it comes, or all together in one copy, since on a
/// GPU each copy waits for everything that was asked before.
///
/// Not safe for several threads.
public abstract sealed class ScalarReads implements AutoCloseable {
  private ScalarReads() {}

  /// Reads each number at once.
  public static ScalarReads atOnce() {
    return new AtOnce();
  }

  /// Keeps copies until [#take].
  public static ScalarReads together(Engine engine) {
    return new Together(engine);
  }

  /// The number that a tensor holds now.
  ///
  /// @param scalar one element of a floating type; the caller's
  /// @return its value in fp32
  public abstract DoubleSupplier read(Tensor scalar);

  /// Reads what waits. Nothing is to be asked for before it, and nothing read after it.
  public abstract void take();

  @Override
  public abstract void close();

  private static final class AtOnce extends ScalarReads {
    @Override
    public DoubleSupplier read(Tensor scalar) {
      double value = scalar.toFloat();
      return () -> value;
    }

    @Override
    public void take() {}

    @Override
    public void close() {}
  }

  private static final class Together extends ScalarReads {
    private final Engine engine;
    private final List<Tensor> waiting = new ArrayList<>();
    private float[] taken = {};

    private Together(Engine engine) {
      this.engine = engine;
    }

    @Override
    public DoubleSupplier read(Tensor scalar) {
      if (taken.length > 0) {
        throw new IllegalStateException("all numbers of these reads were taken");
      }
      int place = waiting.size();
      waiting.add(engine.kernels().one("scalar_copy", scalar));
      return () -> value(place);
    }

    private double value(int place) {
      if (place >= taken.length) {
        throw new IllegalStateException("asked for a number before it was taken");
      }
      return taken[place];
    }

    @Override
    public void take() {
      if (!waiting.isEmpty()) {
        try (Tensor all = engine.kernels().one("stacked", waiting)) {
          taken = all.toFloats();
        }
        close();
      }
    }

    @Override
    public void close() {
      waiting.forEach(Tensor::close);
      waiting.clear();
    }
  }
}
