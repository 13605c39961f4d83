package dev.eosin.tensor;

import java.util.List;

/// Which arguments a kernel writes. Only kernels without a result write any. A write into a file
/// that is mapped to be read kills the process, so it is refused before libtorch sees it.
final class WrittenArguments {
  private WrittenArguments() {}

  /// @throws IllegalArgumentException when the kernel would write into a frozen tensor
  static void requireWritable(String kernel, Object[] arguments) {
    for (int i = 0; i < Math.min(count(kernel), arguments.length); i++) {
      switch (arguments[i]) {
        case Tensor tensor -> refuseFrozen(kernel, tensor);
        case List<?> list -> list.forEach(element -> refuseFrozen(kernel, element));
        default -> {} // a number
      }
    }
  }

  private static void refuseFrozen(String kernel, Object element) {
    if (element instanceof Tensor tensor && tensor.isFrozen()) {
      throw new IllegalArgumentException(
          "kernel %s would write into %s, a frozen weight that is used in place"
              .formatted(kernel, tensor));
    }
  }

  /// How many of its first arguments a kernel without a result writes; all where it is not known.
  static int count(String kernel) {
    return switch (kernel) {
      case "accumulate", "accumulate_all", "assign", "assign_all", "clamp", "fill" -> 1;
      case "exchange_columns", "increment", "lerp_all", "remember", "write_rows" -> 1;
      case "exchange_all" -> 2;
      case "adamw" -> 6; // masters, gradients, both moments, counts of updates, narrow weights
      case "sgd", "lion", "muon" -> 4; // masters, gradients, moments, narrow weights
      default -> Integer.MAX_VALUE;
    };
  }
}
