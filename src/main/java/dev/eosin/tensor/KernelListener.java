package dev.eosin.tensor;

/// Told of every kernel call of an engine, on the calling thread.
///
/// While it listens, kernels are synchronised: on a GPU, which otherwise works behind the caller,
/// each call waits until the device is done, so that times are the kernel's own and a step takes
/// longer than usual.
public interface KernelListener {
  /// Listens to nothing.
  KernelListener NONE =
      new KernelListener() {
        @Override
        public boolean listens() {
          return false;
        }

        @Override
        public void called(String kernel, long startedNanos, long endedNanos) {}
      };

  /// Asked before each call; a call costs nothing more where the answer is no.
  boolean listens();

  /// After a call.
  ///
  /// @param kernel its name; `grad of <name>` for libtorch's derivative of one
  /// @param startedNanos by [System#nanoTime]
  /// @param endedNanos by [System#nanoTime], when the device was done
  void called(String kernel, long startedNanos, long endedNanos);
}
