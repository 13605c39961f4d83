package dev.eosin.instruct;

import java.util.Locale;

/// How a question comes to be.
enum Way {
  /// A language model makes it of a caption.
  GENERATED,
  /// A template asks for the caption or the label.
  OPEN,
  /// A template states something that is true or false.
  CLOSED;

  /// As files and recipes write it.
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
