package dev.eosin.curate;

import dev.eosin.config.DataException;
import dev.eosin.curate.CurationStep.Groups;
import dev.eosin.prepare.Fields;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Puts rows together that share a patient, a slide or an image, directly or by others. A group has
/// the name of its first row's first value, or that row's key.
final class GroupsRule implements CollectionRule {
  private final Groups rules;
  private final String image;
  private final Optional<Pattern> pattern;
  private final Set<String> unknown;
  private final LongTable firsts = new LongTable();
  private final Map<Integer, String> names = new HashMap<>();
  private final int[] parents;
  private final int[] sizes;

  /// @param rows of which positions are
  GroupsRule(Groups rules, CurationColumns columns, int rows) {
    this.rules = rules;
    this.image = columns.image();
    pattern = rules.pattern().map(Pattern::compile);
    unknown =
        rules.unknown().stream()
            .map(text -> text.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
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
    for (String field : rules.by()) {
      Optional<String> value = value(row, field);
      if (value.isPresent()) {
        join(row.position(), Mixing.of(field, value.get()));
      }
    }
    String name = Fields.text(row.row(), image, "curate.columns.image").strip();
    if (rules.images() && !name.isEmpty()) {
      join(row.position(), Mixing.of("\0image", name));
    }
    found(name).ifPresent(part -> join(row.position(), Mixing.of("\0pattern", part)));
  }

  /// What the pattern finds in an image's name.
  private Optional<String> found(String name) {
    return pattern
        .map(expression -> expression.matcher(name))
        .filter(Matcher::find)
        .flatMap(match -> Optional.ofNullable(match.group(1)))
        .filter(part -> !part.isEmpty());
  }

  private void join(int position, long key) {
    int first = firsts.putIfAbsent(key, position);
    if (first != LongTable.NONE) {
      int a = root(first);
      int b = root(position);
      parents[Math.max(a, b)] = Math.min(a, b);
    }
  }

  private int root(int position) {
    int root = position;
    while (parents[root] != root) {
      parents[root] = parents[parents[root]];
      root = parents[root];
    }
    return root;
  }

  private Optional<String> value(Candidate row, String field) throws DataException {
    String text = Fields.text(row.row(), field, "curate.steps: by of groups").strip();
    return unknown.contains(text.toLowerCase(Locale.ROOT)) ? Optional.empty() : Optional.of(text);
  }

  /// Leaves out none; a group's first row comes before its others.
  @Override
  public Optional<String> judge(Candidate row) throws DataException {
    int root = root(row.position());
    sizes[root]++;
    if (root == row.position()) {
      String file = Fields.text(row.row(), image, "curate.columns.image").strip();
      String name = found(file).orElse(row.row().key());
      for (String field : rules.by().reversed()) {
        name = value(row, field).orElse(name);
      }
      names.put(root, name);
    }
    return Optional.empty();
  }

  /// The group of a row that was judged.
  Optional<String> group(int position) {
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
