package dev.eosin.tensor;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Memory of this process that a GPU copies from by itself, and an event that says when it is done
/// with what it was asked for.
final class PinnedMemory implements AutoCloseable {
  private final CudaRuntime runtime;
  private final int device;
  private final MemorySegment memory;
  private final MemorySegment event;

  private PinnedMemory(CudaRuntime runtime, int device, MemorySegment memory, MemorySegment event) {
    this.runtime = runtime;
    this.device = device;
    this.memory = memory;
    this.event = event;
  }

  /// Empty where the runtime does not do it: copies then take the memory along before they return.
  ///
  /// @param device the GPU that will copy, which becomes this thread's current one
  static Optional<PinnedMemory> of(CudaRuntime runtime, int device, MemorySegment memory) {
    try {
      runtime.choose(device);
      MemorySegment event = runtime.newEvent();
      try {
        runtime.register(memory);
      } catch (Throwable refused) {
        runtime.destroy(event);
        throw refused;
      }
      return Optional.of(new PinnedMemory(runtime, device, memory, event));
    } catch (Throwable e) {
      throwIfError(e);
      runtime.forgetFailure();
      return Optional.empty();
    }
  }

  /// To be called after each copy that was asked for.
  void sent() {
    try {
      runtime.choose(device);
      runtime.record(event);
    } catch (Throwable e) {
      throw failed("a copy to the GPU cannot be watched", e);
    }
  }

  /// Waits for the copies that were asked for, so that the memory may be written again.
  void await() {
    try {
      runtime.await(event);
    } catch (Throwable e) {
      throw failed("a copy to the GPU failed", e);
    }
  }

  /// Waits, and lets go of the memory, which stays the caller's.
  @Override
  public void close() {
    try {
      runtime.await(event);
      runtime.destroy(event);
      runtime.unregister(memory);
    } catch (Throwable e) {
      throw failed("pinned memory cannot be let go", e);
    }
  }

  private static IllegalStateException failed(String what, Throwable e) {
    throwIfError(e);
    return new IllegalStateException(what + ": " + e.getMessage(), e);
  }

  private static void throwIfError(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
  }
}
