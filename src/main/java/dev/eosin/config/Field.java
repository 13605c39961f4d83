package dev.eosin.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One key of a setting record.
///
/// @param name as a recipe writes it
/// @param shape what may stand there
/// @param component where the value goes
record Field(String name, Shape shape, RecordComponent component) {
  private static final Set<String> RESERVED = Set.of("type", "kind", "extends");

  /// Java parses the annotations of a component anew for each that it is asked for, and a schema or
  /// a binder asks for the same records many times: a class has its fields once.
  private static final ClassValue<List<Field>> FIELDS =
      new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
          return read(type);
        }
      };

  /// The components of a setting record, in their order.
  ///
  /// @throws IllegalStateException when two have one name, or one has a name that is taken
  static List<Field> of(Class<?> type) {
    return FIELDS.get(type);
  }

  private static List<Field> read(Class<?> type) {
    List<Field> fields = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String name = Names.of(component);
      if (RESERVED.contains(name) || !names.add(name)) {
        throw new IllegalStateException(
            type.getName() + " may not have a key named '" + name + "' (again)");
      }
      fields.add(
          new Field(name, Shape.of(component.getGenericType(), Bounds.of(component)), component));
    }
    return List.copyOf(fields);
  }

  /// The YAML text of the default.
  Optional<String> orElse() {
    return Optional.ofNullable(component.getAnnotation(OrElse.class)).map(OrElse::value);
  }

  /// The sentence about the key, or nothing.
  String doc() {
    Doc doc = component.getAnnotation(Doc.class);
    return doc == null ? "" : doc.value();
  }

  /// The path of the key that this one stands for.
  Optional<String> insteadOf() {
    return Optional.ofNullable(component.getAnnotation(InsteadOf.class)).map(InsteadOf::value);
  }

  /// The further form that the value may have.
  Optional<OrWritten> orWritten() {
    return Optional.ofNullable(component.getAnnotation(OrWritten.class));
  }

  /// Whether the value may stand for the whole record.
  boolean bare() {
    return component.isAnnotationPresent(Bare.class);
  }

  /// Whether a recipe must give the key.
  boolean required() {
    return orElse().isEmpty() && !(shape instanceof Shape.Maybe);
  }

  /// Whether `name` is this key as a recipe or as Java writes it.
  boolean isNamed(String other) {
    return Arrays.asList(name, component.getName()).contains(other);
  }
}
