package dev.eosin.data;

/// Texts from data files, as messages may hold them.
final class OneLine {
  private OneLine() {}

  /// The text with each run of spaces, line ends and control characters as one space.
  static String of(String text) {
    return text.strip().replaceAll("[\\s\\p{Cntrl}]+", " ");
  }
}
