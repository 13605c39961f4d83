package dev.eosin.prepare;

import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/// Some rows of each step for people to look at: those whose keys have the least hashes, so that
/// they are spread over the table and always the same.
public final class ShownRows {
  private static final RandomKey SPREAD = new RandomKey(0);

  private final int most;
  private final List<TreeMap<Long, Shown>> rows = new ArrayList<>();

  /// @param caption as the step saw it
  /// @param detail why the row was left out; empty for one that is kept
  public record Shown(Row row, String caption, String detail) {}

  /// @param steps how many
  /// @param most rows of each
  public ShownRows(int steps, int most) {
    this.most = most;
    for (int i = 0; i <= steps; i++) {
      rows.add(new TreeMap<>(Comparator.naturalOrder()));
    }
  }

  /// @param step its number; that behind the last for rows that are kept
  public void add(int step, Row row, String caption, String detail) {
    TreeMap<Long, Shown> some = rows.get(step);
    long hash = SPREAD.stream(RandomKey.Purpose.PREPARATION, 0, row.hash()).nextLong();
    if (some.size() < most || most > 0 && hash < some.lastKey()) {
      some.put(hash, new Shown(row, caption, detail));
      if (some.size() > most) {
        some.pollLastEntry();
      }
    }
  }

  /// In the order of the hashes.
  public List<Shown> of(int step) {
    return List.copyOf(rows.get(step).values());
  }
}
