package dev.eosin.tensor;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The header of a kernel: `def name(self, parameters) -> result:`. `toString` writes it without
/// `self`.
///
/// @param parameters in order, without `self`
record KernelSignature(String name, List<Declared> parameters, KernelType result) {
  private static final int SHOWN = 40;

  /// A parameter of a kernel.
  record Declared(String name, KernelType type) {
    @Override
    public String toString() {
      return name + ": " + type;
    }
  }

  /// Checks a call. This stands in every call's way: where the call fits, it allocates nothing.
  ///
  /// @param wanted what the caller makes of the result
  /// @throws IllegalArgumentException where the call does not fit
  void check(KernelType wanted, @Nullable Object[] arguments) {
    if (result != wanted) {
      throw new IllegalArgumentException(
          "kernel %s returns %s, which %s; it was called for %s"
              .formatted(name, result, caller(result), wanted));
    }
    if (arguments.length != parameters.size()) {
      throw new IllegalArgumentException(
          "kernel %s: %d arguments given, %d declared: %s"
              .formatted(name, arguments.length, parameters.size(), this));
    }
    for (int i = 0; i < arguments.length; i++) {
      Declared declared = parameters.get(i);
      if (!declared.type().takes(arguments[i])) {
        throw new IllegalArgumentException(
            "kernel %s: argument %d of %d, '%s', is declared %s; given %s, expected %s"
                .formatted(
                    name,
                    i + 1,
                    arguments.length,
                    declared.name(),
                    declared.type(),
                    described(arguments[i]),
                    declared.type().wanted()));
      }
    }
  }

  /// Whether `backward` can be this kernel's own: given the gradients of its outputs, what it was
  /// given and what it saved, and its constants again under the same names.
  boolean differentiatedBy(KernelSignature backward) {
    List<Declared> others = backward.parameters;
    return parameters.size() >= 2
        && others.size() == parameters.size() + 2
        && result == KernelType.Plain.TENSORS
        && backward.result == KernelType.Plain.TENSORS
        && tensors(parameters.subList(0, 2))
        && tensors(others.subList(0, 4))
        && parameters.subList(2, parameters.size()).equals(others.subList(4, others.size()));
  }

  private static boolean tensors(List<Declared> parameters) {
    return parameters.stream().allMatch(each -> each.type() == KernelType.Plain.TENSORS);
  }

  private static String caller(KernelType result) {
    return switch (result) {
      case KernelType.Plain.TENSOR -> "'one' calls";
      case KernelType.Plain.TENSORS -> "'list' calls";
      case KernelType.Plain.NOTHING -> "'run' calls";
      case KernelType.Plain plain -> "only other kernels can use";
      case KernelType.OptionalOf optional -> "only other kernels can use";
      case KernelType.TupleOf tuple -> "only other kernels can use";
    };
  }

  private static String described(@Nullable Object argument) {
    return switch (argument) {
      case null -> "null";
      case Tensor tensor -> "a Tensor";
      case List<?> list -> {
        int other = KernelType.other(list);
        yield other == list.size()
            ? "a List of %d Tensors".formatted(other)
            : "a List of %d with %s at %d"
                .formatted(list.size(), described(list.get(other)), other);
      }
      case long[] numbers -> "a long[] of " + numbers.length;
      default -> {
        String value = String.valueOf(argument);
        String shown = value.length() > SHOWN ? value.substring(0, SHOWN) + "..." : value;
        yield argument.getClass().getSimpleName() + " " + shown;
      }
    };
  }

  @Override
  public String toString() {
    return parameters.stream()
        .map(Declared::toString)
        .collect(Collectors.joining(", ", name + "(", ") -> " + result));
  }
}
