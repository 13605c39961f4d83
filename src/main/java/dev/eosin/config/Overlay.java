package dev.eosin.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Lays one tree over another: a recipe over the one it extends, overrides over a recipe.
final class Overlay {
  /// The key that chooses among the records of a sealed interface.
  static final String TYPE = "type";

  private final Problems problems;

  Overlay(Problems problems) {
    this.problems = problems;
  }

  /// `over` as a recipe that extends `base`: maps merge deeply, all else is replaced; a map that
  /// chooses another `type` replaces the whole of what it chose before.
  static Tree inherit(Tree base, Tree over) {
    Tree.Mapping below = over instanceof Tree.Mapping ? choice(base) : null;
    if (below == null || !(over instanceof Tree.Mapping map) || chooseDifferently(below, map)) {
      return over;
    }
    Map<String, Tree.Entry> entries = new LinkedHashMap<>(below.entries());
    map.entries()
        .forEach(
            (name, entry) ->
                entries.merge(
                    name,
                    entry,
                    (old, own) -> new Tree.Entry(own.place(), inherit(old.value(), own.value()))));
    return new Tree.Mapping(entries, false, map.place());
  }

  /// `over` as overrides of `base`: partial maps reach into maps, lists and choices, all else
  /// replaces.
  ///
  /// @param key the key path of both, for problems with a list's index
  Tree assign(Tree base, Tree over, String key) {
    if (!(over instanceof Tree.Mapping partial) || !partial.partial()) {
      return over;
    }
    if (base instanceof Tree.Sequence list) {
      return assignItems(list, partial, key);
    }
    Tree.Mapping below = choice(base);
    if (below == null || chooseDifferently(below, partial)) {
      return over;
    }
    Map<String, Tree.Entry> entries = new LinkedHashMap<>(below.entries());
    partial.entries().forEach((name, entry) -> assignEntry(entries, name, entry, key));
    return new Tree.Mapping(entries, below.partial(), below.place());
  }

  private void assignEntry(
      Map<String, Tree.Entry> entries, String name, Tree.Entry entry, String key) {
    Tree.Entry old = entries.get(name);
    Tree value =
        old == null ? entry.value() : assign(old.value(), entry.value(), KeyPath.join(key, name));
    entries.put(name, new Tree.Entry(entry.place(), value));
  }

  private Tree assignItems(Tree.Sequence list, Tree.Mapping partial, String key) {
    List<Tree> items = new ArrayList<>(list.items());
    partial
        .entries()
        .forEach(
            (name, entry) -> {
              String path = KeyPath.join(key, name);
              int index = index(name);
              if (index < 0 || index > items.size()) {
                problems.add(entry.place(), path, outside(list.items().size()));
              } else if (index == items.size()) {
                items.add(entry.value());
              } else {
                items.set(index, assign(items.get(index), entry.value(), path));
              }
            });
    return new Tree.Sequence(items, list.place());
  }

  private static String outside(int size) {
    return size == 0
        ? "the list is empty; only index 0 can be added"
        : "not an index of the list; expected 0 to " + (size - 1) + ", or " + size + " to add";
  }

  private static int index(String name) {
    return name.matches("[0-9]{1,6}") ? Integer.parseInt(name) : -1;
  }

  /// The map that `base` is, or that a choice given by its bare name stands for.
  private static Tree.@Nullable Mapping choice(Tree base) {
    return switch (base) {
      case Tree.Mapping map -> map;
      case Tree.Sequence list -> null;
      case Tree.Scalar scalar ->
          CoreScalar.of(scalar) != CoreScalar.TEXT
              ? null
              : new Tree.Mapping(
                  Map.of(TYPE, new Tree.Entry(scalar.place(), scalar)), false, scalar.place());
    };
  }

  private static boolean chooseDifferently(Tree.Mapping base, Tree.Mapping over) {
    Tree.Entry before = base.entries().get(TYPE);
    Tree.Entry after = over.entries().get(TYPE);
    return before != null
        && after != null
        && before.value() instanceof Tree.Scalar old
        && after.value() instanceof Tree.Scalar chosen
        && !old.text().equals(chosen.text());
  }
}
