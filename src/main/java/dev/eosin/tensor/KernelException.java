package dev.eosin.tensor;

/// A kernel failed: wrong shapes or types, or no memory. The message names the kernel, its tensors
/// and libtorch's reason.
public final class KernelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  KernelException(String message, Throwable cause) {
    super(message, cause);
  }

  /// Whether the device ran out of memory, the one failure a smaller batch mends.
  public boolean outOfMemory() {
    String message = String.valueOf(getMessage());
    return message.contains("out of memory") || message.contains("can't allocate memory");
  }
}
