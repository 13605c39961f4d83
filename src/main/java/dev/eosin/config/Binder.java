package dev.eosin.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Binds a recipe's tree to setting records and collects every problem on the way.
///
/// A record's components are the keys of a map, in kebab-case. A sealed interface of records is a
/// map whose key `type` (`kind` at the root) names the record; where nothing else is to say, the
/// bare name will do. A type that is [WrittenAs] a scalar is parsed by itself.
public final class Binder {
  /// The key that chooses among the kinds of recipe.
  static final String KIND = "kind";

  private final Problems problems;
  private final ScalarBinder scalars;
  private final RecordBinder records;
  private final Overlay overlay;
  private final ForeignKeys foreign;

  private Binder(Problems problems, Map<String, String> environment, List<Path> layers) {
    this.problems = problems;
    this.scalars = new ScalarBinder(environment);
    this.overlay = new Overlay(problems);
    this.foreign = new ForeignKeys(problems);
    this.records = new RecordBinder(this, problems, overlay, new Alternatives(problems, layers));
  }

  /// Binds the whole recipe.
  ///
  /// @param type a setting record, or a sealed interface of them, chosen by the key `kind`
  /// @throws RecipeException with everything that is wrong with the recipe
  public static <T> T bind(RecipeFile recipe, Class<T> type) {
    Problems problems = new Problems(recipe.path());
    recipe.problems().forEach(found -> problems.add(found.place(), found.key(), found.message()));
    Binder binder = new Binder(problems, recipe.environment(), recipe.layers());
    Object bound =
        Shape.of(type, Bounds.NONE) instanceof Shape.Choice choice
            ? binder.choice(choice, recipe.root(), "", KIND)
            : binder.value(Shape.of(type, Bounds.NONE), recipe.root(), "");
    problems.throwIfAny();
    return type.cast(Objects.requireNonNull(bound));
  }

  /// What the key `kind` names, whatever else is wrong with the recipe; empty where it names
  /// nothing that is known.
  ///
  /// @param type a sealed interface of setting records
  public static Optional<Class<?>> kind(RecipeFile recipe, Class<?> type) {
    Tree.Entry entry = recipe.root().entries().get(KIND);
    return entry != null
            && entry.value() instanceof Tree.Scalar name
            && Shape.of(type, Bounds.NONE) instanceof Shape.Choice choice
        ? Optional.ofNullable(choice.variants().get(name.text())).map(Shape.Fields::type)
        : Optional.empty();
  }

  /// The key of the whole recipe that `key` stands for ([InsteadOf]), where the recipe has that one
  /// alone; else `key`.
  ///
  /// @param type a setting record, or a sealed interface of them, chosen by the key `kind`
  static String written(RecipeFile recipe, Class<?> type, String key) {
    Class<?> record = kind(recipe, type).orElse(type);
    if (!record.isRecord() || recipe.root().entries().containsKey(key)) {
      return key;
    }
    return Field.of(record).stream()
        .filter(field -> field.name().equals(key))
        .flatMap(field -> field.insteadOf().stream())
        .findFirst()
        .orElse(key);
  }

  /// What the default of `field` stands for, with an empty environment.
  ///
  /// @throws RecipeException when it is not valid, which is a mistake in the setting record
  static Object bindDefault(Field field, String text) {
    Problems problems = new Problems(Path.of("@OrElse"));
    Binder binder = new Binder(problems, Map.of(), List.of());
    Tree tree = RecordBinder.parseDefault(text, field.name(), problems);
    Object bound = binder.value(field.shape(), tree, field.name());
    problems.throwIfAny();
    return Objects.requireNonNull(bound);
  }

  /// The value of `node`, or null when a problem was added.
  @Nullable Object value(Shape shape, Tree node, String key) {
    if (node.isNull() && !(shape instanceof Shape.Maybe)) {
      return refuse(node.place(), key, "has no value; expected " + shape.expected());
    }
    return switch (shape) {
      case Shape.Maybe(Shape inner) -> maybe(inner, node, key);
      case Shape.Flag flag -> scalar(shape, node, key, scalars::flag);
      case Shape.Whole whole -> scalar(shape, node, key, text -> scalars.whole(text, whole));
      case Shape.Real real -> scalar(shape, node, key, text -> scalars.real(text, real));
      case Shape.Text text -> scalar(shape, node, key, scalars::text);
      case Shape.Location location -> scalar(shape, node, key, scalars::location);
      case Shape.Words words -> scalar(shape, node, key, text -> scalars.word(text, words));
      case Shape.Scalar unit -> scalar(shape, node, key, text -> scalars.written(text, unit));
      case Shape.Sequence list -> sequence(list, node, key);
      case Shape.Table table -> table(table, node, key);
      case Shape.Fields fields -> fields(fields, node, key);
      case Shape.Choice choice -> choice(choice, node, key, Overlay.TYPE);
    };
  }

  private @Nullable Object maybe(Shape inner, Tree node, String key) {
    if (node.isNull()) {
      return Optional.empty();
    }
    Object value = value(inner, node, key);
    return value == null ? null : Optional.of(value);
  }

  private @Nullable Object scalar(
      Shape shape, Tree node, String key, Function<Tree.Scalar, Object> parse) {
    if (!(node instanceof Tree.Scalar scalar)) {
      return unexpected(shape, node, key);
    }
    try {
      return parse.apply(scalar);
    } catch (IllegalArgumentException refused) {
      return refuse(node.place(), key, String.valueOf(refused.getMessage()));
    }
  }

  private @Nullable Object sequence(Shape.Sequence shape, Tree node, String key) {
    Tree whole = node;
    if (node instanceof Tree.Mapping map && map.partial()) {
      whole = overlay.assign(new Tree.Sequence(List.of(), node.place()), node, key);
    }
    if (!(whole instanceof Tree.Sequence list)) {
      return unexpected(shape, node, key);
    }
    List<Object> values = new ArrayList<>();
    for (int index = 0; index < list.items().size(); index++) {
      String itemKey = KeyPath.join(key, Integer.toString(index));
      Object value = value(shape.item(), list.items().get(index), itemKey);
      if (value != null) {
        values.add(value);
      }
    }
    return values.size() == list.items().size() ? List.copyOf(values) : null;
  }

  private @Nullable Object table(Shape.Table shape, Tree node, String key) {
    if (!(node instanceof Tree.Mapping map)) {
      return unexpected(shape, node, key);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    map.entries()
        .forEach(
            (name, entry) -> {
              Object value = value(shape.item(), entry.value(), KeyPath.join(key, name));
              if (value != null) {
                values.put(name, value);
              }
            });
    return values.size() == map.entries().size() ? Collections.unmodifiableMap(values) : null;
  }

  private @Nullable Object fields(Shape.Fields shape, Tree node, String key) {
    Optional<Field> bare = shape.bare();
    Tree whole = bare.isPresent() ? whole(bare.get(), node) : node;
    if (!(whole instanceof Tree.Mapping map)) {
      return unexpected(shape, node, key);
    }
    Tree.Entry overlaid = map.entries().get(Overlay.TYPE);
    if (bare.isPresent() && overlaid != null) {
      String message = "found %s and a part of a map; give the map, with '%s'";
      return refuse(
          overlaid.place(), key, message.formatted(overlaid.value().found(), bare.get().name()));
    }
    return records.bind(shape, map, key, "");
  }

  private static Tree whole(Field bare, Tree node) {
    return node instanceof Tree.Scalar
        ? new Tree.Mapping(
            Map.of(bare.name(), new Tree.Entry(node.place(), node)), false, node.place())
        : node;
  }

  private @Nullable Object choice(Shape.Choice shape, Tree node, String key, String selector) {
    Tree chosen = node;
    Tree.Mapping map = new Tree.Mapping(Map.of(), false, node.place());
    if (node instanceof Tree.Mapping given) {
      map = given;
      Tree.Entry entry = given.entries().get(selector);
      if (entry == null) {
        foreign.report(shape, given, key, selector);
        String names = String.join(", ", shape.variants().keySet());
        return refuse(
            map.place(), KeyPath.join(key, selector), "missing key; expected one of " + names);
      }
      chosen = entry.value();
    }
    if (!(chosen instanceof Tree.Scalar name) || name.isNull()) {
      return unexpected(shape, chosen, key);
    }
    Shape.Fields fields = shape.variants().get(name.text());
    if (fields == null) {
      foreign.report(shape, map, key, selector);
      String path = node instanceof Tree.Mapping ? KeyPath.join(key, selector) : key;
      return refuse(name.place(), path, "unknown " + name.found() + hint(name.text(), shape));
    }
    return records.bind(fields, map, key, selector);
  }

  private static String hint(String name, Shape.Choice shape) {
    return Nearest.hint(name, shape.variants().keySet(), "expected one of");
  }

  private @Nullable Object unexpected(Shape shape, Tree node, String key) {
    return refuse(node.place(), key, "found " + node.found() + ", expected " + shape.expected());
  }

  private @Nullable Object refuse(Place place, String key, String message) {
    problems.add(place, key, message);
    return null;
  }
}
