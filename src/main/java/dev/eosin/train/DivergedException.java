package dev.eosin.train;

/// The loss, a gradient, a weight or an embedding is not finite: the run stops before anything of
/// it is saved, so the last checkpoint is sound.
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DivergedException(String message) {
    super(message);
  }

  public DivergedException(String message, Throwable cause) {
    super(message, cause);
  }
}
