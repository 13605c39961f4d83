package dev.eosin.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.OptionalInt;

/// For as long as this is open, C's heap takes large pieces from the system and gives them back at
/// once. The launcher forbids that (`MALLOC_MMAP_MAX_=0`), since activations that come and go with
/// every step are faster from what was freed before. Where pieces of one size are taken again and
/// again beside small ones, as a loss in chunks does, what was freed just misses the next piece
/// (libtorch aligns them to 2 MiB) and the heap would grow with every chunk.
///
/// Does nothing where the launcher did not forbid it, or the C library is not glibc.
public final class LargePieces implements AutoCloseable {
  /// glibc's M_MMAP_MAX and the number that it starts with (malloc.h).
  private static final int MOST_MAPPED = -4;

  private static final int USUAL = 65_536;
  private static final Optional<MethodHandle> MALLOPT = find();
  private final OptionalInt before;

  private LargePieces(OptionalInt before) {
    this.before = before;
  }

  private static Optional<MethodHandle> find() {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor signature =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    return linker
        .defaultLookup()
        .find("mallopt")
        .map(function -> linker.downcallHandle(function, signature));
  }

  /// Until it is closed.
  public static LargePieces mapped() {
    String forbidden = System.getenv("MALLOC_MMAP_MAX_");
    if (MALLOPT.isEmpty() || forbidden == null || !forbidden.matches("[0-9]{1,9}")) {
      return new LargePieces(OptionalInt.empty());
    }
    set(USUAL);
    return new LargePieces(OptionalInt.of(Integer.parseInt(forbidden)));
  }

  private static void set(int most) {
    try {
      int done = (int) MALLOPT.orElseThrow().invokeExact(MOST_MAPPED, most);
      if (done == 0) {
        throw new IllegalStateException("mallopt refuses %d mapped pieces".formatted(most));
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("mallopt cannot be called: " + e, e);
    }
  }

  @Override
  public void close() {
    before.ifPresent(LargePieces::set);
  }
}
