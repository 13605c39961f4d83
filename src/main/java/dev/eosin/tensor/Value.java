package dev.eosin.tensor;

import org.jspecify.annotations.Nullable;

/// A tensor between the nodes of a [Graph]: the detached leaf that consumers see, and its gradient
/// while backward runs.
public final class Value {
  private final Tensor data;
  private final boolean differentiable;
  private final boolean owned;
  private @Nullable Tensor gradient;

  Value(Tensor data, boolean differentiable, boolean owned) {
    this.data = data;
    this.differentiable = differentiable;
    this.owned = owned;
  }

  /// Valid until the graph is done with it.
  public Tensor data() {
    return data;
  }

  boolean differentiable() {
    return differentiable;
  }

  @Nullable Tensor gradient() {
    return gradient;
  }

  void gradient(@Nullable Tensor gradient) {
    this.gradient = gradient;
  }

  /// Closes what the graph owns; safe to repeat.
  void release() {
    if (owned) {
      data.close();
    }
    Tensor left = gradient;
    if (left != null) {
      left.close();
      gradient = null;
    }
  }
}
