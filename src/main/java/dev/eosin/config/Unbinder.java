package dev.eosin.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Turns setting records back into a tree that binds to equal records.
final class Unbinder {
  private static final Place PLACE = new Place.Default();

  private Unbinder() {}

  /// The tree of a whole recipe.
  static Tree.Mapping root(Object recipe, Class<?> type) {
    return Shape.of(type, Bounds.NONE) instanceof Shape.Choice
        ? chosen(recipe, Binder.KIND)
        : record(recipe, new LinkedHashMap<>());
  }

  /// The tree of `value`, every default made explicit.
  static Tree tree(Shape shape, Object value) {
    return switch (shape) {
      case Shape.Flag() -> plain(value.toString());
      case Shape.Whole whole -> plain(value.toString());
      case Shape.Real real -> plain(value.toString().toLowerCase(Locale.ROOT));
      case Shape.Text() -> text(value.toString());
      case Shape.Location() -> text(value.toString());
      case Shape.Words words -> plain(Names.name((Enum<?>) value));
      case Shape.Scalar scalar -> plain(value.toString());
      case Shape.Maybe(Shape inner) ->
          ((Optional<?>) value).map(present -> tree(inner, present)).orElseGet(() -> plain("null"));
      case Shape.Sequence(Shape item) ->
          new Tree.Sequence(
              ((List<?>) value).stream().map(element -> tree(item, element)).toList(), PLACE);
      case Shape.Table(Shape item) -> table(item, (Map<?, ?>) value);
      case Shape.Fields fields -> record(value, new LinkedHashMap<>());
      case Shape.Choice choice -> chosen(value, Overlay.TYPE);
    };
  }

  private static Tree.Mapping table(Shape item, Map<?, ?> values) {
    Map<String, Tree.Entry> entries = new LinkedHashMap<>();
    values.forEach((name, value) -> entries.put((String) name, entry(tree(item, value))));
    return new Tree.Mapping(entries, false, PLACE);
  }

  private static Tree.Mapping chosen(Object value, String selector) {
    Map<String, Tree.Entry> entries = new LinkedHashMap<>();
    entries.put(selector, entry(plain(Names.of(value.getClass()))));
    return record(value, entries);
  }

  private static Tree.Mapping record(Object value, Map<String, Tree.Entry> entries) {
    for (Field field : Field.of(value.getClass())) {
      Tree tree = tree(field.shape(), Reflection.get(field.component(), value));
      entries.put(field.name(), entry(tree));
    }
    return new Tree.Mapping(entries, false, PLACE);
  }

  private static Tree plain(String text) {
    return new Tree.Scalar(text, true, PLACE);
  }

  private static Tree text(String text) {
    return new Tree.Scalar(References.escape(text), false, PLACE);
  }

  private static Tree.Entry entry(Tree tree) {
    return new Tree.Entry(PLACE, tree);
  }
}
