package dev.eosin.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Settles keys that stand for each other ([InsteadOf]) for [RecordBinder].
final class Alternatives {
  private final Problems problems;
  private final List<Path> layers;

  /// @param layers the recipe's file and those below it, the uppermost first
  Alternatives(Problems problems, List<Path> layers) {
    this.problems = problems;
    this.layers = List.copyOf(layers);
  }

  /// The map with one of the two at most: what lies below is dropped, two in one place are
  /// reported.
  ///
  /// @param key the path of `map`
  Tree.Mapping settled(List<Field> fields, Tree.Mapping map, String key) {
    Tree.Mapping settled = map;
    for (Field field : fields) {
      Tree.Entry own = given(map, List.of(field.name()));
      Optional<List<String>> path = field.insteadOf().map(KeyPath::steps);
      Tree.Entry other = path.isPresent() ? given(map, path.get()) : null;
      if (own == null || other == null) {
        continue;
      }
      int above = Integer.compare(layer(own.place()), layer(other.place()));
      if (above == 0) {
        problems.add(own.place(), KeyPath.join(key, field.name()), both(field, other));
      }
      settled = without(settled, above > 0 ? List.of(field.name()) : path.orElseThrow());
    }
    return settled;
  }

  /// Whether one of the two is there each time; reports where none is.
  boolean given(List<Field> fields, Tree.Mapping map, String key) {
    boolean complete = true;
    for (Field field : fields) {
      Optional<List<String>> path = field.insteadOf().map(KeyPath::steps);
      if (path.isPresent()
          && given(map, List.of(field.name())) == null
          && given(map, path.get()) == null) {
        String missing = key;
        for (String step : path.get()) {
          missing = KeyPath.join(missing, step);
        }
        problems.add(
            RecipeFile.place(map, path.get()),
            missing,
            "missing key; give it, or '%s' in its place"
                .formatted(KeyPath.join(key, field.name())));
        complete = false;
      }
    }
    return complete;
  }

  private String both(Field field, Tree.Entry other) {
    String place = layers.isEmpty() ? "" : " (" + other.place().text(layers.getFirst()) + ")";
    return "'%s'%s is given too, which it stands for; leave one of them out"
        .formatted(field.insteadOf().orElseThrow(), place);
  }

  private static Tree.@Nullable Entry given(Tree.Mapping map, List<String> path) {
    Tree.Entry entry = map.entries().get(path.getFirst());
    if (entry == null || path.size() == 1) {
      return entry == null || entry.value().isNull() ? null : entry;
    }
    return entry.value() instanceof Tree.Mapping inner
        ? given(inner, path.subList(1, path.size()))
        : null;
  }

  private static Tree.Mapping without(Tree.Mapping map, List<String> path) {
    Map<String, Tree.Entry> entries = new LinkedHashMap<>(map.entries());
    Tree.Entry entry = entries.remove(path.getFirst());
    if (path.size() > 1 && entry != null && entry.value() instanceof Tree.Mapping inner) {
      Tree rest = without(inner, path.subList(1, path.size()));
      entries.put(path.getFirst(), new Tree.Entry(entry.place(), rest));
    }
    return new Tree.Mapping(entries, map.partial(), map.place());
  }

  /// From the top: the command line, the recipe, what it extends.
  private int layer(Place place) {
    return switch (place) {
      case Place.CommandLine() -> -1;
      case Place.Line(Path file, int _) -> layers.indexOf(file);
      case Place.Whole(Path file) -> layers.indexOf(file);
      case Place.Default() -> layers.size();
    };
  }
}
