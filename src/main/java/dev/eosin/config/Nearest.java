package dev.eosin.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Finds the name that was probably meant.
public final class Nearest {
  private static final int LONGEST = 100;

  private Nearest() {}

  /// The closest of `known` to `wrong`, when it is close enough to be a slip of the fingers.
  static Optional<String> to(String wrong, Collection<String> known) {
    return near(wrong, known).stream().findFirst();
  }

  /// All of `known` that are as close, the closest first.
  public static List<String> near(String wrong, Collection<String> known) {
    if (wrong.length() > LONGEST) {
      return List.of();
    }
    return known.stream()
        .filter(name -> distance(wrong, name) <= Math.max(1, Math.min(wrong.length(), 9) / 3))
        .sorted(Comparator.comparingInt(name -> distance(wrong, name)))
        .toList();
  }

  /// "; did you mean 'x'?", or "; " and what may stand there.
  static String hint(String wrong, Collection<String> known, String otherwise) {
    return to(wrong, known)
        .map(name -> "; did you mean '" + name + "'?")
        .orElseGet(() -> "; " + otherwise + " " + String.join(", ", known));
  }

  /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 || j == 0 ? i + j : step(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int step(int[][] cost, String a, String b, int i, int j) {
    int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int least = Math.min(cost[i - 1][j], cost[i][j - 1]) + 1;
    least = Math.min(least, cost[i - 1][j - 1] + same);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
  }
}
