package dev.eosin.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Bytes on their way to the device: outside Java's heap, whose size they would otherwise decide,
/// and as many as there is memory for. A GPU copies from them without the CPU once they are pinned.
///
/// Any thread may read and write them; whoever allocates them closes them, after which they cannot
/// be used.
public final class HostBytes implements AutoCloseable {
  private final MemorySegment memory;
  private final Optional<Arena> arena;
  private @Nullable PinnedMemory pinned;
  private boolean pinningTried;

  private HostBytes(MemorySegment memory, Optional<Arena> arena) {
    this.memory = memory;
    this.arena = arena;
  }

  /// So many zeros.
  public static HostBytes allocate(long bytes) {
    Arena arena = Arena.ofShared();
    return new HostBytes(arena.allocate(bytes, Long.BYTES), Optional.of(arena));
  }

  /// Those of an array, which are not copied; closing does nothing.
  public static HostBytes of(byte... values) {
    return new HostBytes(MemorySegment.ofArray(values), Optional.empty());
  }

  /// A copy of all of them outside Java's heap; freed when nothing refers to it any more, never
  /// pinned.
  public HostBytes copy() {
    MemorySegment copied = Arena.ofAuto().allocate(size(), Long.BYTES).copyFrom(memory);
    HostBytes copy = new HostBytes(copied, Optional.empty());
    copy.pinningTried = true;
    return copy;
  }

  public long size() {
    return memory.byteSize();
  }

  /// Writes all of an array.
  public void put(long to, byte[] values) {
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_BYTE, to, values.length);
  }

  /// Moves some bytes; the places may overlap.
  public void move(long from, long to, long bytes) {
    MemorySegment.copy(memory, from, memory, to, bytes);
  }

  /// One byte.
  public byte get(long place) {
    return memory.get(ValueLayout.JAVA_BYTE, place);
  }

  /// Reads some bytes into an array.
  public void read(long from, byte[] to, int place, int bytes) {
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, from, to, place, bytes);
  }

  /// A copy of some bytes.
  public byte[] copy(long from, int bytes) {
    byte[] copy = new byte[bytes];
    read(from, copy, 0, bytes);
    return copy;
  }

  /// Some bytes.
  MemorySegment slice(long from, long bytes) {
    return memory.asSlice(from, bytes);
  }

  /// Asks the CUDA runtime to keep them where they are, once; they are copied more slowly where it
  /// cannot. Bytes of Java's heap cannot be pinned.
  ///
  /// @param device the GPU that will copy
  void pin(CudaRuntime runtime, int device) {
    if (!pinningTried && memory.isNative()) {
      pinningTried = true;
      pinned = PinnedMemory.of(runtime, device, memory).orElse(null);
    }
  }

  /// To be called after each copy that a GPU was asked for.
  void sent() {
    PinnedMemory watched = pinned;
    if (watched != null) {
      watched.sent();
    }
  }

  /// Waits until no GPU reads them any more: before they are written again.
  public void awaitCopies() {
    PinnedMemory watched = pinned;
    if (watched != null) {
      watched.await();
    }
  }

  /// Whether a GPU copies from them by itself.
  public boolean isPinned() {
    return pinned != null;
  }

  @Override
  public void close() {
    if (arena.isPresent() && arena.get().scope().isAlive()) {
      PinnedMemory watched = pinned;
      pinned = null;
      try {
        if (watched != null) {
          watched.close();
        }
      } finally {
        arena.get().close();
      }
    }
  }
}
