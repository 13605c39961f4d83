package dev.eosin.config;

import java.lang.reflect.AnnotatedElement;
import java.util.ArrayList;
import java.util.List;

/// The numbers that a [Range] accepts.
record Bounds(double min, double max, double above, double below) {
  static final Bounds NONE =
      new Bounds(
          Double.NEGATIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY,
          Double.POSITIVE_INFINITY);

  static Bounds of(AnnotatedElement element) {
    Range range = element.getAnnotation(Range.class);
    return range == null
        ? NONE
        : new Bounds(range.min(), range.max(), range.above(), range.below());
  }

  boolean contains(double number) {
    return number >= min
        && number <= max
        && (number > above || above == NONE.above)
        && (number < below || below == NONE.below);
  }

  /// "at least 0 and below 1", or nothing where every number is accepted.
  String text() {
    List<String> parts = new ArrayList<>();
    part(parts, "at least ", min);
    part(parts, "above ", above);
    part(parts, "at most ", max);
    part(parts, "below ", below);
    return String.join(" and ", parts);
  }

  /// `number` without a needless `.0`.
  static String text(double number) {
    boolean whole = number == Math.rint(number) && Math.abs(number) < 1e15;
    return whole ? Long.toString((long) number) : Double.toString(number).replace('E', 'e');
  }

  private static void part(List<String> parts, String words, double bound) {
    if (!Double.isInfinite(bound)) {
      parts.add(words + text(bound));
    }
  }
}
