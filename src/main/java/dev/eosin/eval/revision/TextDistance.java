package dev.eosin.eval.revision;

/// Levenshtein's distance (1966) of two texts in characters, divided by the longer one's length.
final class TextDistance {
  private TextDistance() {}

  /// @return 0 for equal texts, 1 for those that share nothing
  static double of(String one, String other) {
    int[] a = one.codePoints().toArray();
    int[] b = other.codePoints().toArray();
    if (a.length == 0 && b.length == 0) {
      return 0;
    }
    int[] above = new int[b.length + 1];
    for (int j = 0; j <= b.length; j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length; i++) {
      int[] row = new int[b.length + 1];
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int kept = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        row[j] = Math.min(kept, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return (double) above[b.length] / Math.max(a.length, b.length);
  }
}
