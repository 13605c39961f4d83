package dev.eosin.eval.probes;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Which of several labels, of which a row may have some or none, can be learnt and judged.
///
/// @param kept labels that rows with and without are on both sides of, in the order of letters
/// @param out the others
/// @param said the labels of each row
public record ToldLabels(List<String> kept, List<String> out, List<List<String>> said) {
  public ToldLabels {
    kept = List.copyOf(kept);
    out = List.copyOf(out);
    said = List.copyOf(said);
  }

  /// Looks at rows.
  ///
  /// @param said the labels of each row
  /// @param fewest rows with a label that have to judge it
  public static ToldLabels of(List<List<String>> said, int[] train, int[] test, int fewest) {
    SortedSet<String> all = new TreeSet<>();
    said.forEach(all::addAll);
    List<String> kept = new ArrayList<>();
    List<String> out = new ArrayList<>();
    for (String each : all) {
      long judged = having(said, test, each);
      long learnt = having(said, train, each);
      boolean told =
          judged >= fewest && judged < test.length && learnt > 0 && learnt < train.length;
      (told ? kept : out).add(each);
    }
    return new ToldLabels(kept, out, said);
  }

  private static long having(List<List<String>> said, int[] rows, String label) {
    return IntStream.of(rows).filter(row -> said.get(row).contains(label)).count();
  }

  /// Which rows have which of the kept labels `[rows][kept]`.
  public boolean[][] truth(int[] rows) {
    boolean[][] truth = new boolean[rows.length][kept.size()];
    for (int i = 0; i < rows.length; i++) {
      for (int label = 0; label < kept.size(); label++) {
        truth[i][label] = said.get(rows[i]).contains(kept.get(label));
      }
    }
    return truth;
  }
}
