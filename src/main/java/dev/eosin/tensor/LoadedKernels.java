package dev.eosin.tensor;

import ai.djl.pytorch.jni.LibtorchBridge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// The kernels as libtorch compiled them, once for all engines of the process: a module takes 9 MiB
/// and a tenth of a second, and is never freed. Safe from any thread.
///
/// @param module libtorch's handle
record LoadedKernels(long module, KernelSignatures signatures) {
  static LoadedKernels with(MatrixProducts products) {
    return switch (products) {
      case LIBTORCH -> Libtorch.KERNELS;
      case ONEDNN -> OneDnn.KERNELS;
    };
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
  private static final class Libtorch {
    static final LoadedKernels KERNELS = load(MatrixProducts.LIBTORCH);
  }

  private static final class OneDnn {
    static final LoadedKernels KERNELS = load(MatrixProducts.ONEDNN);
  }
}
