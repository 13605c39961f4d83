package dev.eosin.tensor;

import java.util.ArrayList;
import java.util.List;

/// One flat tensor and a view of it per shape: weights, their fp32 masters or optimiser moments, in
/// one piece of memory so that collectives, copies and averages run over few large tensors.
///
/// Views start at multiples of 64 bytes, as vector kernels like it.
public final class Bucket implements AutoCloseable {
  private static final int ALIGNMENT_BYTES = 64;
  private final Tensor flat;
  private final List<Tensor> views;

  private Bucket(Tensor flat, List<Tensor> views) {
    this.flat = flat;
    this.views = List.copyOf(views);
  }

  /// Zeros of these shapes on the engine's device.
  ///
  /// @param differentiable whether the views are leaves that a [Tape] may differentiate with
  ///   respect to
  public static Bucket zeros(
      Engine engine, DType dtype, List<long[]> shapes, boolean differentiable) {
    long unit = ALIGNMENT_BYTES / dtype.bytes();
    long[] starts = new long[shapes.size()];
    long length = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = length;
      length += Math.ceilDiv(elements(shapes.get(i)), unit) * unit;
    }
    Tensor flat = engine.zeros(dtype, length);
    var views = new ArrayList<Tensor>();
    for (int i = 0; i < starts.length; i++) {
      views.add(engine.kernels().one("leaf_view", flat, starts[i], shapes.get(i), differentiable));
    }
    return new Bucket(flat, views);
  }

  private static long elements(long[] shape) {
    long product = 1;
    for (long size : shape) {
      product = Math.multiplyExact(product, size);
    }
    return product;
  }

  /// All views in one piece, with unused gaps of under 64 bytes between them.
  public Tensor flat() {
    return flat;
  }

  /// One view per shape, in order.
  public List<Tensor> views() {
    return views;
  }

  @Override
  public void close() {
    views.forEach(Tensor::close);
    flat.close();
  }
}
