package dev.eosin.eval.revision;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What was done to a good caption.
public enum Operation {
  /// Nothing: it is to be left alone.
  NONE,
  /// Something in it was replaced by something wrong.
  MODIFY,
  /// Something wrong was added.
  ADD,
  /// Something was left out.
  DELETE,
  /// More than one of these.
  SEVERAL;

  /// As files write it.
  public String written() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Operation> of(String written) {
    return Arrays.stream(values()).filter(each -> each.written().equals(written)).findFirst();
  }
}
