package dev.eosin.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// Processor time of this process, of all its threads, in nanoseconds. The JVM's own count of it
/// moves in ticks of 10 ms on Linux, too coarse for a single step of a small model.
///
/// Source: POSIX `clock_gettime` with the process's processor time clock.
public final class ProcessorTime {
  private static final int LINUX_CLOCK = 2;
  private static final int MACOS_CLOCK = 12;
  private static final long SECOND = 1_000_000_000;

  private final Optional<MethodHandle> read;
  private final int clock;

  private ProcessorTime(Optional<MethodHandle> read, int clock) {
    this.read = read;
    this.clock = clock;
  }

  /// Looks for the system's clock.
  public static ProcessorTime find() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor signature =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    return new ProcessorTime(
        linker
            .defaultLookup()
            .find("clock_gettime")
            .map(function -> linker.downcallHandle(function, signature)),
        system.contains("mac") ? MACOS_CLOCK : LINUX_CLOCK);
  }

  /// Used so far; empty where the system does not tell.
  public OptionalLong nanos() {
    if (read.isEmpty()) {
      return OptionalLong.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment told = arena.allocate(ValueLayout.JAVA_LONG, 2);
      int failure = (int) read.get().invokeExact(clock, told);
      return failure != 0
          ? OptionalLong.empty()
          : OptionalLong.of(
              told.getAtIndex(ValueLayout.JAVA_LONG, 0) * SECOND
                  + told.getAtIndex(ValueLayout.JAVA_LONG, 1));
    } catch (Throwable e) {
      throw new IllegalStateException("clock_gettime cannot be called: " + e, e);
    }
  }
}
