package dev.eosin.nn;

/// The MLP's non-linearity. A checkpoint computes nonsense with the wrong one, so it is never
/// guessed.
public enum Activation {
  /// x Phi(x), with the exact error function.
  GELU,
  /// x sigmoid(1.702 x), as OpenAI's CLIP weights need it.
  QUICK_GELU;

  /// As the kernels take it.
  public boolean quick() {
    return this == QUICK_GELU;
  }
}
