package dev.eosin.tensor;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A type in a kernel's header. `toString` writes it as TorchScript does.
sealed interface KernelType {
  /// Whether a Java value is passed as this type. TorchScript converts nothing: no int becomes a
  /// float.
  boolean takes(@Nullable Object argument);

  /// Which Java value it takes, to be read by people.
  String wanted();

  /// Types without others inside, and the three kinds of lists that Java can give.
  enum Plain implements KernelType {
    TENSOR("Tensor", "a Tensor"),
    TENSORS("List[Tensor]", "a List of Tensors"),
    INT("int", "an Integer or a Long"),
    INTS("List[int]", "a long[]"),
    FLOAT("float", "a Double"),
    FLOATS("List[float]", "a double[]"),
    BOOL("bool", "a Boolean"),
    STRING("str", "a String"),
    NOTHING("None", "nothing");

    private final String written;
    private final String wanted;

    Plain(String written, String wanted) {
      this.written = written;
      this.wanted = wanted;
    }

    @Override
    public boolean takes(@Nullable Object argument) {
      return switch (this) {
        case TENSOR -> argument instanceof Tensor;
        case TENSORS -> argument instanceof List<?> list && other(list) == list.size();
        case INT -> argument instanceof Integer || argument instanceof Long;
        case INTS -> argument instanceof long[];
        case FLOAT -> argument instanceof Double;
        case FLOATS -> argument instanceof double[];
        case BOOL -> argument instanceof Boolean;
        case STRING -> argument instanceof String;
        case NOTHING -> false;
      };
    }

    @Override
    public String wanted() {
      return wanted;
    }

    @Override
    public String toString() {
      return written;
    }
  }

  /// Takes what its inner type takes; there is no way to give None from Java.
  record OptionalOf(KernelType of) implements KernelType {
    @Override
    public boolean takes(@Nullable Object argument) {
      return of.takes(argument);
    }

    @Override
    public String wanted() {
      return of.wanted();
    }

    @Override
    public String toString() {
      return "Optional[" + of + "]";
    }
  }

  /// Passed between kernels only.
  record TupleOf(List<KernelType> of) implements KernelType {
    @Override
    public boolean takes(@Nullable Object argument) {
      return false;
    }

    @Override
    public String wanted() {
      return "what only another kernel can give";
    }

    @Override
    public String toString() {
      return of.stream().map(String::valueOf).collect(Collectors.joining(", ", "Tuple[", "]"));
    }
  }

  /// The place of the first element that is no tensor, or the size where all are. By index: an
  /// iterator would be an object per call.
  static int other(List<?> list) {
    int size = list.size();
    for (int i = 0; i < size; i++) {
      if (!(list.get(i) instanceof Tensor)) {
        return i;
      }
    }
    return size;
  }
}
