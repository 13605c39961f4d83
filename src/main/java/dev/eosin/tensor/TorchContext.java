package dev.eosin.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/// libtorch's switches, which hold for the whole process.
///
/// Source: `ATen/Context.h`; the names are those of both compilers of libtorch's builds.
final class TorchContext {
  private static final String CONTEXT = "_ZN2at13globalContextEv";
  private static final String DETERMINISTIC = "_ZN2at7Context26setDeterministicAlgorithmsEbb";
  private static final String IS_DETERMINISTIC = "_ZNK2at7Context23deterministicAlgorithmsEv";
  private static final String FILLS = "_ZN2at7Context39setDeterministicFillUninitializedMemoryEb";
  private static final List<String> TF32 =
      List.of("_ZN2at7Context18setAllowTF32CuBLASEb", "_ZN2at7Context17setAllowTF32CuDNNEb");

  /// Since 2.10 they also take whether a product may be split at all, which is no matter of digits.
  private static final List<String> NARROW_SUMS =
      List.of(
          "_ZN2at7Context27setAllowBF16ReductionCuBLASEb",
          "_ZN2at7Context27setAllowFP16ReductionCuBLASEb");

  private final SymbolLookup library;

  /// @param library `torch_cpu`, which has them in builds with and without CUDA
  TorchContext(SymbolLookup library) {
    this.library = library;
  }

  /// Sets all of them.
  void set(CudaNumerics numerics) {
    // With this, an operation that has no deterministic kernel is an error instead of a warning.
    call(DETERMINISTIC, numerics.deterministic(), false);
    // Otherwise libtorch writes every piece of fresh memory twice.
    call(FILLS, false);
    TF32.forEach(name -> call(name, numerics.tf32()));
    for (String name : NARROW_SUMS) {
      if (library.find(name).isPresent()) {
        call(name, false);
      } else {
        call(name + "b", false, true);
      }
    }
  }

  /// Whether kernels that add in any order are avoided.
  boolean isDeterministic() {
    try {
      MethodHandle function = function(IS_DETERMINISTIC, ValueLayout.JAVA_BOOLEAN, 0);
      return (boolean) function.invokeExact(context());
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private void call(String name, boolean first) {
    try {
      function(name, 1).invokeExact(context(), first);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private void call(String name, boolean first, boolean second) {
    try {
      function(name, 2).invokeExact(context(), first, second);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private MemorySegment context() throws Throwable {
    return (MemorySegment)
        Linker.nativeLinker()
            .downcallHandle(
                library.findOrThrow(CONTEXT), FunctionDescriptor.of(ValueLayout.ADDRESS))
            .invokeExact();
  }

  /// A member function that returns nothing.
  private MethodHandle function(String name, int flags) {
    return handle(name, FunctionDescriptor.ofVoid(ValueLayout.ADDRESS), flags);
  }

  private MethodHandle function(String name, ValueLayout result, int flags) {
    return handle(name, FunctionDescriptor.of(result, ValueLayout.ADDRESS), flags);
  }

  private MethodHandle handle(String name, FunctionDescriptor object, int flags) {
    FunctionDescriptor all = object;
    for (int i = 0; i < flags; i++) {
      all = all.appendArgumentLayouts(ValueLayout.JAVA_BOOLEAN);
    }
    return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), all);
  }

  private static RuntimeException rethrown(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }
}
