package dev.eosin.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Names the keys of a map that none of a choice's records has, at any depth, where the map does
/// not say which record it is: the file may be another program's.
final class ForeignKeys {
  /// More keys of one unknown part are counted only.
  private static final int MOST_NAMED = 8;

  private final Problems problems;

  ForeignKeys(Problems problems) {
    this.problems = problems;
  }

  /// Reports the keys of `map` below `key`.
  ///
  /// @param selector the key that chooses among the records
  void report(Shape.Choice choice, Tree.Mapping map, String key, String selector) {
    entries(List.copyOf(choice.variants().values()), map, key, Set.of(selector));
  }

  private void entries(
      List<Shape.Fields> records, Tree.Mapping map, String key, Set<String> selectors) {
    List<Field> fields = records.stream().flatMap(each -> each.list().stream()).toList();
    Set<String> known = new LinkedHashSet<>();
    fields.forEach(field -> known.add(field.name()));
    map.entries()
        .forEach(
            (name, entry) -> {
              String path = KeyPath.join(key, name);
              List<Shape> shapes =
                  fields.stream()
                      .filter(field -> field.name().equals(name))
                      .map(Field::shape)
                      .toList();
              if (!shapes.isEmpty()) {
                below(shapes, entry.value(), path);
              } else if (!selectors.contains(name)) {
                problems.add(entry.place(), path, "unknown key" + meant(name, known, entry));
              }
            });
  }

  /// What is below a key that some of the records know.
  private void below(List<Shape> possible, Tree node, String key) {
    List<Shape> shapes = possible.stream().map(ForeignKeys::present).toList();
    switch (node) {
      case Tree.Scalar scalar -> {}
      case Tree.Sequence list -> {
        List<Shape> items = shapes.stream().flatMap(ForeignKeys::item).toList();
        for (int index = 0; index < list.items().size() && !items.isEmpty(); index++) {
          below(items, list.items().get(index), KeyPath.join(key, Integer.toString(index)));
        }
      }
      case Tree.Mapping map -> {
        List<Shape.Fields> records = shapes.stream().flatMap(ForeignKeys::records).toList();
        // A table has any keys, and a scalar none: the latter is told when the record is known.
        if (!records.isEmpty() && shapes.stream().noneMatch(Shape.Table.class::isInstance)) {
          boolean chosen = shapes.stream().anyMatch(Shape.Choice.class::isInstance);
          entries(records, map, key, chosen ? Set.of(Overlay.TYPE) : Set.of());
        }
      }
    }
  }

  private static Shape present(Shape shape) {
    return shape instanceof Shape.Maybe(Shape inner) ? present(inner) : shape;
  }

  private static Stream<Shape> item(Shape shape) {
    return shape instanceof Shape.Sequence(Shape item) ? Stream.of(item) : Stream.empty();
  }

  private static Stream<Shape.Fields> records(Shape shape) {
    return switch (shape) {
      case Shape.Fields fields -> Stream.of(fields);
      case Shape.Choice choice -> choice.variants().values().stream();
      default -> Stream.empty();
    };
  }

  /// What was probably meant, or else which keys the unknown part has.
  private static String meant(String name, Set<String> known, Tree.Entry entry) {
    Optional<String> nearest = Nearest.to(name, known);
    if (nearest.isPresent()) {
      return "; did you mean '" + nearest.get() + "'?";
    }
    List<String> inner = new ArrayList<>();
    names(entry.value(), inner);
    List<String> distinct = inner.stream().distinct().toList();
    if (distinct.isEmpty()) {
      return "";
    }
    int more = distinct.size() - MOST_NAMED;
    return ", with all in it: "
        + String.join(", ", distinct.subList(0, Math.min(distinct.size(), MOST_NAMED)))
        + (more > 0 ? " and " + more + " more" : "");
  }

  private static void names(Tree node, List<String> into) {
    switch (node) {
      case Tree.Scalar scalar -> {}
      case Tree.Sequence list -> list.items().forEach(item -> names(item, into));
      case Tree.Mapping map -> {
        for (Map.Entry<String, Tree.Entry> each : map.entries().entrySet()) {
          into.add(each.getKey());
          names(each.getValue().value(), into);
        }
      }
    }
  }
}
