package dev.eosin.export;

/// The largest distances that were seen between vectors of a model and of its graphs. What is not
/// finite is infinitely far away.
final class Distance {
  private double difference;
  private double cosine = 1;

  /// Compares rows, one by one.
  void add(float[][] wanted, float[][] found) {
    if (wanted.length != found.length) {
      throw new IllegalStateException("%d rows for %d".formatted(found.length, wanted.length));
    }
    for (int row = 0; row < wanted.length; row++) {
      if (wanted[row].length != found[row].length) {
        throw new IllegalStateException(
            "rows of %d numbers for %d".formatted(found[row].length, wanted[row].length));
      }
      for (int i = 0; i < wanted[row].length; i++) {
        add((double) found[row][i] - wanted[row][i]);
      }
      double lengths = Math.sqrt(dot(wanted[row], wanted[row]) * dot(found[row], found[row]));
      double same = dot(wanted[row], found[row]) / lengths;
      cosine = Math.min(cosine, Double.isNaN(same) ? -1 : same);
    }
  }

  /// A difference of two numbers.
  void add(double signed) {
    difference =
        Double.isNaN(signed) ? Double.POSITIVE_INFINITY : Math.max(difference, Math.abs(signed));
  }

  double difference() {
    return difference;
  }

  double cosine() {
    return cosine;
  }

  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
