package dev.eosin.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/// What this process holds in C's heap: libtorch's tensors on the CPU, and the JVM's own structures
/// outside the Java heap. What was freed but not given back to the system does not count.
///
/// Source: glibc's `mallinfo2` (malloc.h), of version 2.33 or later.
public final class NativeHeap {
  private static final int FIELDS = 10;
  private static final int MAPPED_BYTES = 4;
  private static final int USED_BYTES = 7;

  private final Optional<MethodHandle> information;

  private NativeHeap(Optional<MethodHandle> information) {
    this.information = information;
  }

  /// Looks for the system's count.
  public static NativeHeap find() {
    Linker linker = Linker.nativeLinker();
    var fields = new MemoryLayout[FIELDS];
    Arrays.fill(fields, ValueLayout.JAVA_LONG);
    FunctionDescriptor signature = FunctionDescriptor.of(MemoryLayout.structLayout(fields));
    return new NativeHeap(
        linker
            .defaultLookup()
            .find("mallinfo2")
            .map(function -> linker.downcallHandle(function, signature)));
  }

  /// Bytes in use, of all threads; empty where the C library does not count them, or where another
  /// allocator was put before its own, which then has given out nothing.
  public OptionalLong usedBytes() {
    if (information.isEmpty()) {
      return OptionalLong.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment told = (MemorySegment) information.get().invokeExact((SegmentAllocator) arena);
      long used =
          told.getAtIndex(ValueLayout.JAVA_LONG, USED_BYTES)
              + told.getAtIndex(ValueLayout.JAVA_LONG, MAPPED_BYTES);
      return used == 0 ? OptionalLong.empty() : OptionalLong.of(used);
    } catch (Throwable e) {
      throw new IllegalStateException("mallinfo2 cannot be called: " + e, e);
    }
  }
}
