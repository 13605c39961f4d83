package dev.eosin.tensor;

import dev.eosin.config.Nearest;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The headers of all kernels, read once; every call is checked against them before it reaches
/// libtorch.
final class KernelSignatures {
  private final Map<String, KernelSignature> byName;
  private final Set<String> withBackward;

  private KernelSignatures(Map<String, KernelSignature> byName) {
    this.byName = byName;
    this.withBackward =
        byName.values().stream()
            .filter(
                kernel -> {
                  KernelSignature backward = byName.get(backwardOf(kernel.name()));
                  return backward != null && kernel.differentiatedBy(backward);
                })
            .map(KernelSignature::name)
            .collect(Collectors.toUnmodifiableSet());
  }

  /// @throws IOException naming file and line of what cannot be read, or a kernel that is there
  ///   twice
  static KernelSignatures parse(List<KernelSource> sources) throws IOException {
    var byName = new HashMap<String, KernelSignature>();
    for (KernelSource source : sources) {
      for (KernelSignature signature : KernelHeaders.read(source)) {
        if (byName.put(signature.name(), signature) != null) {
          throw new IOException(
              "src/main/torchscript/%s: another kernel is named %s, too"
                  .formatted(source.file(), signature.name()));
        }
      }
    }
    return new KernelSignatures(byName);
  }

  /// In no order.
  Collection<KernelSignature> all() {
    return Collections.unmodifiableCollection(byName.values());
  }

  /// @throws IllegalArgumentException where there is no such kernel, naming those of similar names
  KernelSignature of(String kernel) {
    KernelSignature signature = byName.get(kernel);
    if (signature == null) {
      throw new IllegalArgumentException(
          "no kernel is named '%s'%s".formatted(kernel, hint(kernel)));
    }
    return signature;
  }

  /// @param result what the caller makes of the result
  /// @throws IllegalArgumentException where the call does not fit the kernel's header
  void check(KernelType result, String kernel, @Nullable Object[] arguments) {
    of(kernel).check(result, arguments);
  }

  /// Checks that `<kernel>_backward` is there and takes what `kernel` takes.
  ///
  /// @throws IllegalArgumentException otherwise
  void requireBackward(String kernel) {
    if (withBackward.contains(kernel)) {
      return;
    }
    KernelSignature forward = of(kernel);
    KernelSignature backward = byName.get(backwardOf(kernel));
    throw new IllegalArgumentException(
        backward == null
            ? "kernel %s is to have its own backward, but there is no kernel %s%s"
                .formatted(kernel, backwardOf(kernel), hint(backwardOf(kernel)))
            : """
              kernel %s cannot be differentiated by its own backward: expected
                x: List[Tensor], p: List[Tensor], constants -> List[Tensor] and
                gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], the same \
              constants -> List[Tensor], found
                %s
                %s"""
                .formatted(kernel, forward, backward));
  }

  private static String backwardOf(String kernel) {
    return kernel + "_backward";
  }

  private String hint(String kernel) {
    List<String> near = Nearest.near(kernel, byName.keySet());
    return near.isEmpty()
        ? "; src/main/torchscript has %d, none of a similar name".formatted(byName.size())
        : "; did you mean %s?"
            .formatted(
                near.stream().limit(3).map("'%s'"::formatted).collect(Collectors.joining(", ")));
  }
}
