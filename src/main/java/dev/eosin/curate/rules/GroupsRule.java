package dev.eosin.curate.rules;

import dev.eosin.config.DataException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Puts rows together that share a patient, a slide or an image, directly or by others. A group has
/// the name of its first row's first value, or that row's key.
public final class GroupsRule implements CollectionRule {
  private final GroupKeys keys;
  private final LongTable firsts = new LongTable();
  private final Map<Integer, String> names = new HashMap<>();
  private final int[] parents;
  private final int[] sizes;

  /// @param rows of which positions are
  GroupsRule(GroupKeys keys, int rows) {
    this.keys = keys;
    parents = new int[rows];
    sizes = new int[rows];
    Arrays.setAll(parents, i -> i);
  }

  @Override
  public boolean surveys() {
    return true;
  }

  @Override
  public void survey(Candidate row) throws DataException {
    for (long key : keys.of(row)) {
      int first = firsts.putIfAbsent(key, row.position());
      if (first != LongTable.NONE) {
        join(first, row.position());
      }
    }
  }

  /// Two rows are of one group.
  public void join(int first, int other) {
    int a = root(first);
    int b = root(other);
    parents[Math.max(a, b)] = Math.min(a, b);
  }

  /// The first row of a row's group, once all are joined.
  public int root(int position) {
    int root = position;
    while (parents[root] != root) {
      parents[root] = parents[parents[root]];
      root = parents[root];
    }
    return root;
  }

  /// Leaves out none; a group's first row comes before its others.
  @Override
  public Optional<String> judge(Candidate row) throws DataException {
    if (place(row.position())) {
      name(row.position(), keys.name(row));
    }
    return Optional.empty();
  }

  /// Counts a row.
  ///
  /// @return whether it is its group's first, whose name is to be given
  public boolean place(int position) {
    int root = root(position);
    sizes[root]++;
    return root == position;
  }

  /// Names the group that begins with a row.
  public void name(int position, String name) {
    names.put(position, name);
  }

  /// The group of a row that was judged.
  public Optional<String> group(int position) {
    return Optional.ofNullable(names.get(root(position)));
  }

  @Override
  public Map<String, String> found() {
    int largest = IntStream.range(0, sizes.length).reduce(0, (a, b) -> sizes[b] > sizes[a] ? b : a);
    Map<String, String> found = new LinkedHashMap<>();
    found.put("groups", Integer.toString(names.size()));
    group(largest)
        .ifPresent(
            name -> found.put("largest group", "%s, %d rows".formatted(name, sizes[largest])));
    return found;
  }
}
