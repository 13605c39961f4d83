package dev.eosin.config;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Binds a map to a record for [Binder]: unknown and missing keys, defaults, the record's own
/// checks.
final class RecordBinder {
  private static final Pattern NAMED_FIELD =
      Pattern.compile("(?<field>[A-Za-z][A-Za-z0-9-]*): (?<message>.*)", Pattern.DOTALL);

  private final Binder binder;
  private final Problems problems;
  private final Overlay overlay;
  private final Alternatives alternatives;

  RecordBinder(Binder binder, Problems problems, Overlay overlay, Alternatives alternatives) {
    this.alternatives = alternatives;
    this.binder = binder;
    this.problems = problems;
    this.overlay = overlay;
  }

  /// The record, or null when a problem was added.
  ///
  /// @param selector the key that chose the record, or empty
  @Nullable Object bind(Shape.Fields shape, Tree.Mapping given, String key, String selector) {
    List<Field> fields = shape.list();
    Tree.Mapping map = alternatives.settled(fields, given, key);
    Set<String> meant = unknownKeys(fields, map, key, selector);
    Object[] components = new Object[fields.size()];
    boolean complete = meant.isEmpty();
    for (int index = 0; index < components.length; index++) {
      Object value = component(fields.get(index), map, key, meant);
      complete &= value != null;
      components[index] = value;
    }
    return complete && alternatives.given(fields, map, key)
        ? construct(shape, fields, components, map, key)
        : null;
  }

  static Tree parseDefault(String text, String key, Problems problems) {
    return Objects.requireNonNullElseGet(
        YamlReader.read(text, line -> new Place.Default(), key, problems),
        () -> new Tree.Scalar("", true, new Place.Default()));
  }

  /// Reports unknown keys.
  ///
  /// @return what they probably meant, and one name more when a key is past guessing
  private Set<String> unknownKeys(
      List<Field> fields, Tree.Mapping map, String key, String selector) {
    List<String> known = fields.stream().map(Field::name).toList();
    Set<String> meant = new HashSet<>();
    map.entries()
        .forEach(
            (name, entry) -> {
              if (!known.contains(name) && !name.equals(selector)) {
                Optional<String> nearest = Nearest.to(name, known);
                meant.add(nearest.orElse(""));
                problems.add(entry.place(), KeyPath.join(key, name), unknown(nearest, name, known));
              }
            });
    return meant;
  }

  private static String unknown(Optional<String> nearest, String name, List<String> known) {
    if (name.equals("<<")) {
      return "merge keys are not part of YAML 1.2; repeat the keys or use 'extends'";
    }
    String keys =
        known.isEmpty() ? "no key is expected" : "the keys are " + String.join(", ", known);
    return "unknown key; " + nearest.map(meant -> "did you mean '" + meant + "'?").orElse(keys);
  }

  private @Nullable Object component(Field field, Tree.Mapping map, String key, Set<String> meant) {
    String path = KeyPath.join(key, field.name());
    Tree.Entry entry = map.entries().get(field.name());
    Optional<String> orElse = field.orElse();
    if (entry == null && orElse.isEmpty()) {
      return absent(field, map, path, meant);
    }
    Tree node =
        orElse.isEmpty()
            ? Objects.requireNonNull(entry).value()
            : overDefault(orElse.get(), entry, path);
    return binder.value(field.shape(), node, path);
  }

  private Tree overDefault(String text, Tree.@Nullable Entry entry, String path) {
    boolean partial = entry != null && entry.value() instanceof Tree.Mapping map && map.partial();
    if (entry != null && !partial) {
      return entry.value();
    }
    Tree standing = parseDefault(text, path, problems);
    return entry == null ? standing : overlay.assign(standing, entry.value(), path);
  }

  private @Nullable Object absent(Field field, Tree.Mapping map, String path, Set<String> meant) {
    if (!field.required()) {
      return Optional.empty();
    }
    if (!meant.contains(field.name())) {
      problems.add(map.place(), path, "missing key; expected " + field.shape().expected());
    }
    return null;
  }

  private @Nullable Object construct(
      Shape.Fields shape, List<Field> fields, Object[] components, Tree.Mapping map, String key) {
    try {
      Object built = Reflection.construct(shape.type(), components);
      if (built instanceof Checked checked) {
        checked.check((relative, message) -> finding(map, key, relative, message));
      }
      return built;
    } catch (IllegalArgumentException refused) {
      String message = String.valueOf(refused.getMessage());
      Matcher named = NAMED_FIELD.matcher(message);
      Optional<Field> culprit =
          named.matches()
              ? fields.stream().filter(field -> field.isNamed(named.group("field"))).findFirst()
              : Optional.empty();
      finding(
          map,
          key,
          culprit.map(Field::name).orElse(""),
          culprit.isPresent() ? named.group("message") : message);
      return null;
    }
  }

  private void finding(Tree.Mapping map, String key, String relative, String message) {
    List<String> steps = relative.isEmpty() ? List.of() : KeyPath.steps(relative);
    String path = key;
    for (String step : steps) {
      path = KeyPath.join(path, step);
    }
    Place place = RecipeFile.place(map, steps);
    List<String> overridden = overridden(map);
    if (overridden.isEmpty() || place instanceof Place.CommandLine) {
      problems.add(place, path, message);
    } else if (place.equals(map.place())) {
      // The map was right before: what replaced a part of it is what to look at.
      problems.add(new Place.CommandLine(), path, message);
    } else {
      String beside = String.join(", ", overridden);
      problems.add(place, path, "%s (beside the override %s)".formatted(message, beside));
    }
  }

  private static List<String> overridden(Tree.Mapping map) {
    return map.entries().entrySet().stream()
        .filter(entry -> entry.getValue().place() instanceof Place.CommandLine)
        .map(Map.Entry::getKey)
        .toList();
  }
}
