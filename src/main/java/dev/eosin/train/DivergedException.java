package dev.eosin.train;

/// The loss or the gradients are not finite: the run stops before the update, so the last
/// checkpoint is sound.
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DivergedException(String message) {
    super(message);
  }
}
