package dev.eosin.tensor;

import ai.djl.pytorch.jni.LibtorchBridge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The kernels, once for all engines of the process. libtorch compiles a [part][KernelPart] of them
/// when the first of it is called, for a tenth to a quarter of a second and some 5 MiB, which are
/// never freed. Safe from any thread.
final class LoadedKernels {
  private static final Map<MatrixProducts, Once> LOADED =
      MatrixProducts.EVERY.stream().collect(Collectors.toUnmodifiableMap(each -> each, Once::new));

  private final KernelSignatures signatures;
  private final Map<String, KernelPart> parts;
  private final Map<KernelPart, Module> modules = new EnumMap<>(KernelPart.class);

  private LoadedKernels(List<KernelSource> sources) throws IOException {
    var texts = new KernelTexts(sources);
    signatures = KernelSignatures.parse(sources);
    parts = texts.parts();
    for (KernelPart part : KernelPart.values()) {
      modules.put(part, new Module(texts.of(part)));
    }
  }

  /// Reads the sources, for which libtorch need not be there yet.
  static LoadedKernels with(MatrixProducts products) {
    return Objects.requireNonNull(LOADED.get(products)).get();
  }

  KernelSignatures signatures() {
    return signatures;
  }

  /// libtorch's handle of the module that has this kernel.
  long module(String kernel) {
    return Objects.requireNonNull(modules.get(Objects.requireNonNull(parts.get(kernel)))).handle();
  }

  /// Has libtorch compile what it has not yet.
  void compile() {
    modules.values().forEach(Module::handle);
  }

  /// Compiled when first asked for.
  private static final class Module {
    private final List<String> kernels;
    private long handle;

    Module(List<String> kernels) {
      this.kernels = kernels;
    }

    synchronized long handle() {
      if (handle == 0) {
        LibtorchBridge.load();
        try {
          handle = LibtorchBridge.loadModule(KernelArchive.build(kernels));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return handle;
    }
  }

  /// Read when first asked for, as the language has it of a class's constants.
  private static final class Once {
    private final MatrixProducts products;
    private @Nullable LoadedKernels kernels;

    Once(MatrixProducts products) {
      this.products = products;
    }

    synchronized LoadedKernels get() {
      if (kernels == null) {
        try {
          kernels = new LoadedKernels(KernelSource.all(products));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return kernels;
    }
  }
}
