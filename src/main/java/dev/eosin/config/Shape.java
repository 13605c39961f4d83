package dev.eosin.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a recipe may write for a Java type: the one description that the binder, the schema, the
/// reference page and the resolved recipe all follow.
sealed interface Shape {
  /// `true` or `false`.
  record Flag() implements Shape {}

  /// An `int` (`wide` is false) or a `long`.
  record Whole(boolean wide, Bounds bounds) implements Shape {}

  /// A `double`.
  record Real(Bounds bounds) implements Shape {}

  /// A `String`.
  record Text() implements Shape {}

  /// A `Path`, relative to the folder the command runs in.
  record Location() implements Shape {}

  /// An enum.
  record Words(Class<?> type) implements Shape {
    /// The constants by name, in their order.
    Map<String, Object> constants() {
      return Names.constants(type);
    }
  }

  /// A type that is [WrittenAs] one scalar.
  record Scalar(Class<?> type, Bounds bounds) implements Shape {
    WrittenAs form() {
      return java.util.Objects.requireNonNull(type.getAnnotation(WrittenAs.class));
    }
  }

  /// An `Optional`.
  record Maybe(Shape inner) implements Shape {}

  /// A `List`.
  record Sequence(Shape item) implements Shape {}

  /// A `Map` by `String`.
  record Table(Shape item) implements Shape {}

  /// A record.
  record Fields(Class<?> type) implements Shape {
    /// The components in their order.
    List<Field> list() {
      return Field.of(type);
    }

    /// The one whose value may stand for the whole.
    Optional<Field> bare() {
      return list().stream().filter(Field::bare).findFirst();
    }
  }

  /// A sealed interface of records.
  record Choice(Class<?> type) implements Shape {
    /// The records by name, in the order they are permitted; one of several groups once.
    Map<String, Fields> variants() {
      Map<String, Fields> variants = new LinkedHashMap<>();
      collect(type, variants);
      return variants;
    }

    private static void collect(Class<?> sealed, Map<String, Fields> variants) {
      for (Class<?> permitted : sealed.getPermittedSubclasses()) {
        if (permitted.isInterface()) {
          collect(permitted, variants);
          continue;
        }
        Fields before = variants.putIfAbsent(Names.of(permitted), new Fields(permitted));
        if (before != null && before.type() != permitted) {
          throw new IllegalStateException("two choices are named " + Names.of(permitted));
        }
      }
    }
  }

  /// The shape of `type`, whose numbers are within `bounds`.
  ///
  /// @throws IllegalStateException when a recipe cannot hold the type
  static Shape of(Type type, Bounds bounds) {
    return switch (type) {
      case ParameterizedType generic -> ofGeneric(generic, bounds);
      case Class<?> plain -> ofClass(plain, bounds);
      default -> throw unsupported(type);
    };
  }

  private static Shape ofGeneric(ParameterizedType type, Bounds bounds) {
    Type[] arguments = type.getActualTypeArguments();
    Type raw = type.getRawType();
    if (raw == Optional.class) {
      return new Maybe(of(arguments[0], bounds));
    }
    if (raw == List.class) {
      return new Sequence(of(arguments[0], bounds));
    }
    if (raw == Map.class && arguments[0] == String.class) {
      return new Table(of(arguments[1], bounds));
    }
    throw unsupported(type);
  }

  private static Shape ofClass(Class<?> type, Bounds bounds) {
    if (type.isAnnotationPresent(WrittenAs.class)) {
      return new Scalar(type, bounds);
    }
    if (type.isRecord()) {
      return new Fields(type);
    }
    if (type.isSealed() && type.isInterface()) {
      return new Choice(type);
    }
    if (type.isEnum()) {
      return new Words(type);
    }
    return switch (type.getName()) {
      case "boolean", "java.lang.Boolean" -> new Flag();
      case "int", "java.lang.Integer" -> new Whole(false, bounds);
      case "long", "java.lang.Long" -> new Whole(true, bounds);
      case "double", "java.lang.Double" -> new Real(bounds);
      case "java.lang.String" -> new Text();
      default -> {
        if (type == Path.class) {
          yield new Location();
        }
        throw unsupported(type);
      }
    };
  }

  private static IllegalStateException unsupported(Type type) {
    return new IllegalStateException("a recipe cannot hold a " + type.getTypeName());
  }

  /// "a whole number", "a map with the keys a, b": what a problem says was expected.
  default String expected() {
    return switch (this) {
      case Flag() -> "true or false";
      case Whole whole -> "a whole number";
      case Real real -> "a number";
      case Text() -> "text";
      case Location() -> "a path";
      case Words words -> "one of " + String.join(", ", words.constants().keySet());
      case Scalar scalar -> "e.g. '" + String.join("' or '", scalar.form().example()) + "'";
      case Maybe(Shape inner) -> inner.expected();
      case Sequence(Shape item) -> "a list";
      case Table(Shape item) -> "a map";
      case Fields fields ->
          fields.list().isEmpty()
              ? "an empty map"
              : fields.bare().map(field -> field.shape().expected() + " or ").orElse("")
                  + "a map of "
                  + String.join(", ", fields.list().stream().map(Field::name).toList());
      case Choice choice ->
          "a map with 'type', one of " + String.join(", ", choice.variants().keySet());
    };
  }
}
