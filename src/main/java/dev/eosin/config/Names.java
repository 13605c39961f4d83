package dev.eosin.config;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The names a recipe uses for Java's names: kebab-case, or what [Named] says.
final class Names {
  private static final String SETTINGS = "Settings";

  private Names() {}

  /// `weightDecay` is `weight-decay`.
  static String of(RecordComponent component) {
    return named(component, kebab(component.getName()));
  }

  /// `ZeroShotSettings` is `zero-shot`.
  static String of(Class<?> type) {
    return named(type, kebab(section(type)));
  }

  /// What the schema and the reference page call a type: `ZeroShotSettings` is `ZeroShot`.
  static String section(Class<?> type) {
    String name = type.getSimpleName();
    boolean suffixed = name.endsWith(SETTINGS) && !name.equals(SETTINGS);
    return suffixed ? name.substring(0, name.length() - SETTINGS.length()) : name;
  }

  /// The constants of an enum by name: `QUICK_GELU` is `quick-gelu`.
  static Map<String, Object> constants(Class<?> type) {
    Map<String, Object> constants = new LinkedHashMap<>();
    for (Object constant : type.getEnumConstants()) {
      constants.put(name((Enum<?>) constant), constant);
    }
    return constants;
  }

  static String name(Enum<?> constant) {
    String kebab = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    try {
      return named(constant.getDeclaringClass().getField(constant.name()), kebab);
    } catch (NoSuchFieldException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String named(AnnotatedElement element, String otherwise) {
    Named named = element.getAnnotation(Named.class);
    return named == null ? otherwise : named.value();
  }

  private static String kebab(String name) {
    return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-")
        .toLowerCase(Locale.ROOT);
  }
}
