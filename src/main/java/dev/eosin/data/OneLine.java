package dev.eosin.data;

/// Texts from data files, as messages may hold them.
public final class OneLine {
  private OneLine() {}

  /// The text with each run of spaces, line ends and control characters as one space.
  public static String of(String text) {
    return text.strip().replaceAll("[\\s\\p{Cntrl}]+", " ");
  }
}
