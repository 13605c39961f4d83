package dev.eosin.group;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/// Environment variables as native libraries see them, which Java itself cannot set.
final class NativeEnvironment {
  private static final int KEEP = 0;

  /// UCX, which carries MPI's messages on many clusters, takes SIGSEGV for itself, by which Java
  /// finds null pointers and full stacks: it is told not to. Open MPI otherwise spins while it
  /// waits, on a core that the rank's kernels could have.
  static final Map<String, String> BEFORE_MPI =
      Map.of(
          "UCX_HANDLE_ERRORS", "none",
          "UCX_ERROR_SIGNALS", "",
          "OMPI_MCA_opal_signal", "",
          "OMPI_MCA_mpi_yield_when_idle", "1");

  private NativeEnvironment() {}

  /// Sets what is not set yet.
  static void set(Map<String, String> variables) {
    Linker linker = Linker.nativeLinker();
    MethodHandle set =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setenv"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    variables.forEach((name, value) -> set(set, name, value));
  }

  private static void set(MethodHandle set, String name, String value) {
    try (Arena arena = Arena.ofConfined()) {
      int failed = (int) set.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), KEEP);
      if (failed != 0) {
        throw new IllegalStateException("the environment variable " + name + " cannot be set");
      }
    } catch (Error | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
