package dev.eosin.checkpoint;

/// What is wrong with the bytes of a file, on one line and without the file's name, which only the
/// reader that was given the path knows.
final class MalformedFile extends Exception {
  private static final long serialVersionUID = 1;

  MalformedFile(String reason) {
    super(reason);
  }

  /// The reason, without a stack trace's null.
  String reason() {
    return String.valueOf(getMessage());
  }
}
