package dev.eosin.tensor;

import ai.djl.pytorch.jni.LibtorchBridge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The kernels as libtorch compiled them, once for all engines of the process: a module takes 9 MiB
/// and a tenth of a second, and is never freed. Safe from any thread.
///
/// @param module libtorch's handle
record LoadedKernels(long module, KernelSignatures signatures) {
  private static final Map<MatrixProducts, Once> LOADED =
      MatrixProducts.EVERY.stream().collect(Collectors.toUnmodifiableMap(each -> each, Once::new));

  static LoadedKernels with(MatrixProducts products) {
    return Objects.requireNonNull(LOADED.get(products)).get();
  }

  private static LoadedKernels load(MatrixProducts products) {
    LibtorchBridge.load();
    try {
      List<KernelSource> sources = KernelSource.all(products);
      return new LoadedKernels(
          LibtorchBridge.loadModule(KernelArchive.build(sources)), KernelSignatures.parse(sources));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Compiled when first asked for, as the language has it of a class's constants.
  private static final class Once {
    private final MatrixProducts products;
    private @Nullable LoadedKernels kernels;

    Once(MatrixProducts products) {
      this.products = products;
    }

    synchronized LoadedKernels get() {
      if (kernels == null) {
        kernels = load(products);
      }
      return kernels;
    }
  }
}
